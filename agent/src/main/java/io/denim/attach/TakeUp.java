package io.denim.attach;

import io.denim.linux.netlink.Rtnetlink;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Goes on with what an agent before this one has left: attachments that are on file and are none
 * any more are undone. What cannot be undone yet is left to the next of these calls or to a DEL.
 */
final class TakeUp {
  private static final Logger LOG = LoggerFactory.getLogger(Attachments.class);

  private final Records records;
  private final Rtnetlink links;
  private final PodRules rules;
  private final ContainerLocks locks;
  private final String boot;
  private final Consumer<Attachment> undo;

  /**
   * Of an agent that begins.
   *
   * @param boot the start of the machine that attachments are of
   * @param undo undoes one, or throws an AttachmentException
   */
  TakeUp(
      Records records,
      Rtnetlink links,
      PodRules rules,
      ContainerLocks locks,
      String boot,
      Consumer<Attachment> undo) {
    this.records = records;
    this.links = links;
    this.rules = rules;
    this.locks = locks;
    this.boot = boot;
    this.undo = undo;
  }

  /** Before any call has come. */
  void begin() {
    Set<String> devices = deviceNames();
    for (Attachment attachment : List.copyOf(records.all())) {
      if (over(attachment, devices).isEmpty()) {
        rules.expect(attachment);
      }
    }
    for (Attachment attachment : List.copyOf(records.all())) {
      over(attachment, devices).ifPresent(reason -> undoAndTell(attachment, reason));
    }
  }

  /** What was left at the start because it was not at hand can be done now. */
  void nodeArrived() {
    Set<String> devices = deviceNames();
    for (Attachment attachment : List.copyOf(records.all())) {
      if (over(attachment, devices).isPresent()) {
        Attachment.Key key = attachment.key();
        locks.alone(
            key,
            () ->
                records
                    .find(key)
                    .ifPresent(now -> reason(now).ifPresent(reason -> undoAndTell(now, reason))));
      }
    }
  }

  private void undoAndTell(Attachment attachment, String reason) {
    try {
      undo.accept(attachment);
      LOG.info(
          "attachment removed container={} interface={} reason=\"{}\"",
          attachment.key().container(),
          attachment.key().ifname(),
          reason);
    } catch (AttachmentException e) {
      LOG.warn("{}", e.getMessage());
    }
  }

  /** Undoes those of a network; gives what could not be undone. */
  List<String> collectDead(String networkName) {
    Set<String> devices = deviceNames();
    Leftovers left = new Leftovers();
    for (Attachment attachment : List.copyOf(records.all())) {
      if (attachment.network().equals(networkName) && over(attachment, devices).isPresent()) {
        left.attempt(() -> locks.alone(attachment.key(), () -> undoIfOver(attachment.key())));
      }
    }
    return left.reasons();
  }

  private void undoIfOver(Attachment.Key key) {
    records.find(key).filter(now -> reason(now).isPresent()).ifPresent(undo);
  }

  /** Looks again, for an ADD may have completed it meanwhile. */
  private Optional<String> reason(Attachment now) {
    return over(now, deviceNames());
  }

  /** Why an attachment that is on file is one no more. */
  private Optional<String> over(Attachment attachment, Set<String> devices) {
    if (!attachment.complete()) {
      return Optional.of("it was not complete");
    }
    if (!attachment.boot().equals(boot)) {
      return Optional.of("the machine was started anew");
    }
    return attachment
        .port()
        .filter(port -> !devices.contains(port.hostDevice()))
        .map(port -> "its device " + port.hostDevice() + " is gone");
  }

  private Set<String> deviceNames() {
    Set<String> devices = new HashSet<>();
    links.links().forEach(link -> devices.add(link.name()));
    return devices;
  }
}
