package io.denim.attach;

import io.denim.cni.Call;
import io.denim.cni.CniException;
import io.denim.cni.CniException.Code;
import io.denim.cni.CniVersion;
import io.denim.cni.PluginConfig;
import io.denim.cni.Verb;
import io.denim.ipam.AllocationException;
import io.denim.linux.Descriptor;
import io.denim.linux.Errno;
import io.denim.linux.LinuxException;
import io.denim.linux.ns.Namespace;
import io.denim.model.Json;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads requests, has the work done, and writes answers: whatever comes, an exit code and JSON of
 * the specification's forms go back.
 */
final class Answers {
  private static final Logger LOG = LoggerFactory.getLogger(Answers.class);

  /** The version of errors that come before a configuration was read. */
  private static final CniVersion NEWEST = CniVersion.V1_1_0;

  private final Work work;
  private final NodeReach reach;
  private final long node;
  private final Runnable arrival;
  private final CallListener listener;

  /**
   * @param node the inode of the node's network namespace, which no container may have
   */
  Answers(Work work, NodeReach reach, long node, Runnable arrival, CallListener listener) {
    this.work = work;
    this.reach = reach;
    this.node = node;
    this.arrival = arrival;
    this.listener = listener;
  }

  /** What a call has come to: the number of the error, 0 for none, and what is to be printed. */
  private record Outcome(String verb, int code, String out) {}

  /** What the verbs do. Each throws a {@link CniException} when it cannot. */
  interface Work {
    /** Gives the result. */
    String add(Call call, PluginConfig config, Namespace container);

    void check(Call call, PluginConfig config, Namespace container);

    void del(Call call, Optional<Namespace> container);

    void gc(PluginConfig config);

    void status(Call call, PluginConfig config);

    /** Whether there is such an attachment. */
    boolean isAttached(Attachment.Key key);
  }

  /** As {@link Plugin#answer}. */
  byte[] answer(byte[] payload, List<Descriptor> descriptors) {
    long start = System.nanoTime();
    Outcome outcome = outcome(payload, descriptors);
    listener.answered(outcome.verb(), outcome.code(), Duration.ofNanos(System.nanoTime() - start));
    return answer(outcome.code() == 0 ? 0 : 1, outcome.out());
  }

  private Outcome outcome(byte[] payload, List<Descriptor> descriptors) {
    CniVersion version = NEWEST;
    Optional<Verb> verb = Optional.empty();
    try {
      Call call = Call.decode(payload);
      verb = Optional.of(call.verb());
      if (call.verb() == Verb.VERSION) {
        return succeeded(call, versions());
      }
      Handover handover = Handover.of(call, descriptors);
      Optional<Namespace> container = handover.container();
      try {
        handover.give(reach);
        version = version(call);
        if (call.verb() == Verb.ADD || call.verb() == Verb.STATUS) {
          arrival.run();
        }
        String out = dispatch(call, version, container);
        LOG.debug(
            "cni verb={} container={} interface={}",
            call.verb(),
            call.containerId(),
            call.ifname());
        return succeeded(call, out);
      } finally {
        container.ifPresent(Namespace::close);
      }
    } catch (CniException e) {
      return failed(verb, version, e);
    } catch (LinuxException | AttachmentException | AllocationException e) {
      return failed(verb, version, Code.IO_FAILURE, e);
    } catch (RuntimeException e) {
      LOG.error("cni verb={}: an error in Denim", name(verb), e);
      return failed(verb, version, Code.INTERNAL, e);
    }
  }

  private static Outcome succeeded(Call call, String out) {
    return new Outcome(call.verb().name(), 0, out);
  }

  private static Outcome failed(
      Optional<Verb> verb, CniVersion version, Code code, RuntimeException cause) {
    return failed(
        verb, version, new CniException(code, String.valueOf(cause.getMessage()), "", cause));
  }

  /** STATUS is asked every few seconds, and its answers are in the agent's status. */
  private static Outcome failed(Optional<Verb> verb, CniVersion version, CniException e) {
    if (verb.filter(Verb.STATUS::equals).isEmpty()) {
      LOG.warn("cni verb={} code={} {}", name(verb), e.code().number(), e.getMessage());
    }
    return new Outcome(name(verb), e.code().number(), e.json(version));
  }

  private static String name(Optional<Verb> verb) {
    return verb.map(Verb::name).orElse(CallListener.UNREADABLE);
  }

  private static byte[] answer(int exitCode, String out) {
    byte[] text = out.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(1 + text.length).put((byte) exitCode).put(text).array();
  }

  private static String versions() {
    return Json.mapper()
        .writeValueAsString(
            Map.of("cniVersion", NEWEST.text(), "supportedVersions", CniVersion.supported()));
  }

  /** A DEL of a configuration that cannot be read is still a DEL. */
  private CniVersion version(Call call) {
    try {
      return PluginConfig.Header.parse(call.config()).version();
    } catch (CniException e) {
      if (call.verb() == Verb.DEL && work.isAttached(Plugin.key(call))) {
        return NEWEST;
      }
      throw e;
    }
  }

  private String dispatch(Call call, CniVersion version, Optional<Namespace> container) {
    return switch (call.verb()) {
      case ADD -> work.add(call, PluginConfig.parse(call.config()), of(call, container));
      case CHECK -> {
        call.verb().requireIn(version);
        work.check(call, PluginConfig.parse(call.config()), of(call, container));
        yield "";
      }
      case DEL -> {
        work.del(call, container.filter(inside -> inside.inode() != node));
        yield "";
      }
      case GC -> {
        call.verb().requireIn(version);
        work.gc(PluginConfig.parse(call.config()));
        yield "";
      }
      case STATUS -> {
        call.verb().requireIn(version);
        work.status(call, PluginConfig.parse(call.config()));
        yield "";
      }
      case VERSION -> versions();
    };
  }

  /** The container's namespace, which ADD and CHECK need. */
  private Namespace of(Call call, Optional<Namespace> container) {
    if (container.isEmpty()) {
      int errno = call.netnsErrno().orElse(0);
      String why = errno == 0 ? "no descriptor of it came" : Errno.name(errno);
      throw new CniException(
          errno == Errno.ENOENT ? Code.UNKNOWN_CONTAINER : Code.INVALID_NAMESPACE,
          "CNI_NETNS: cannot open \""
              + call.netns()
              + "\": "
              + why
              + "; allowed is the path of a network namespace");
    }
    if (container.get().inode() == node && !call.hostNamespaceAllowed()) {
      throw new CniException(
          Code.INVALID_NAMESPACE,
          "CNI_NETNS: \""
              + call.netns()
              + "\" is the node's own network namespace; allowed is one of a container");
    }
    return container.get();
  }
}
