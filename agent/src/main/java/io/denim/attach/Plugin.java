package io.denim.attach;

import io.denim.cni.Call;
import io.denim.cni.CniException;
import io.denim.cni.Verb;
import io.denim.linux.Descriptor;
import io.denim.linux.LinuxException;
import io.denim.linux.ns.Namespace;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The plugin as runtimes see it: takes a request as {@code denim-cni} sends it and gives what that
 * is to print. Any thread may use it.
 */
public final class Plugin {
  private static final Logger LOG = LoggerFactory.getLogger(Plugin.class);

  private final Attachments attachments;
  private final Verbs verbs;
  private final Answers answers;

  /** Why DELs of the journal failed when last tried, so that each reason is logged once. */
  private final Map<Attachment.Key, String> told = new ConcurrentHashMap<>();

  /**
   * The plugin of a node.
   *
   * @param node the node's network, which no container may have
   * @param arrival waits a while for the node's network where the agent has only begun, so that its
   *     restart fails no call
   * @param listener hears how calls end
   */
  public Plugin(
      Attachments attachments,
      Namespace node,
      Supplier<NodeCondition> condition,
      Runnable arrival,
      CallListener listener) {
    this.attachments = attachments;
    this.verbs = new Verbs(attachments, condition);
    this.answers = new Answers(verbs, attachments.reach(), node.inode(), arrival, listener);
  }

  /**
   * Answers a request: an octet that is the exit code, and what goes to stdout.
   *
   * @param payload as {@link Call#decode} reads it
   * @param descriptors as they came with it; what is kept is taken
   */
  public byte[] answer(byte[] payload, List<Descriptor> descriptors) {
    return answers.answer(payload, descriptors);
  }

  /** Does the DELs that came while no agent answered. What fails is tried at the next call. */
  public void replay() {
    try {
      attachments.waiting().forEach(this::replay);
    } catch (AttachmentException e) {
      LOG.warn("{}", e.getMessage());
    } catch (RuntimeException e) {
      LOG.error("cni: the journal of DELs was not done", e);
    }
  }

  /** One that fails holds up no other. */
  private void replay(Attachment.Key key) {
    try {
      attachments.request(key).ifPresent(request -> replay(key, request));
      told.remove(key);
    } catch (LinuxException | AttachmentException e) {
      String why = String.valueOf(e.getMessage());
      if (!why.equals(told.put(key, why))) {
        LOG.warn("cni: the journal's DEL of {} is not done yet: {}", key, why);
      }
    } catch (RuntimeException e) {
      LOG.error("cni: the journal's DEL of {} was not done", key, e);
    }
  }

  private void replay(Attachment.Key key, byte[] request) {
    try {
      Call call = Call.decode(request);
      if (call.verb() == Verb.DEL && key(call).equals(key)) {
        verbs.replay(call);
        LOG.info(
            "cni DEL done after the agent's start container={} interface={}",
            key.container(),
            key.ifname());
        return;
      }
      LOG.warn("cni: the journal's entry of {} asks for another thing, and is done as a DEL", key);
    } catch (CniException e) {
      LOG.warn(
          "cni: the journal's entry of {} is done without its configuration: {}",
          key,
          e.getMessage());
    }
    attachments.remove(key, "", attachments.folders().addresses());
  }

  static Attachment.Key key(Call call) {
    return new Attachment.Key(call.containerId(), call.ifname());
  }
}
