package io.denim.attach;

import io.denim.cni.Call;
import io.denim.cni.CniException;
import io.denim.cni.CniException.Code;
import io.denim.cni.CniVersion;
import io.denim.cni.PluginConfig;
import io.denim.cni.Verb;
import io.denim.linux.Errno;
import io.denim.linux.LinuxException;
import io.denim.linux.ns.Namespace;
import io.denim.model.Json;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The plugin as runtimes see it: takes a request as {@code denim-cni} sends it and gives what that
 * is to print. Any thread may use it.
 */
public final class Plugin {
  private static final Logger LOG = LoggerFactory.getLogger(Plugin.class);

  /** The version of errors that come before a configuration was read. */
  private static final CniVersion NEWEST = CniVersion.V1_1_0;

  private final Attachments attachments;
  private final Namespace node;
  private final Verbs verbs;

  /**
   * The plugin of a node.
   *
   * @param node the node's network, which no container may have
   */
  public Plugin(Attachments attachments, Namespace node, Supplier<NodeCondition> condition) {
    this.attachments = attachments;
    this.node = node;
    this.verbs = new Verbs(attachments, condition);
  }

  /**
   * Answers a request: an octet that is the exit code, and what goes to stdout.
   *
   * @param payload as {@link Call#decode} reads it
   * @param descriptor of the container's namespace; is closed
   */
  public byte[] answer(byte[] payload, OptionalInt descriptor) {
    CniVersion version = NEWEST;
    Verb verb = Verb.VERSION;
    try {
      Optional<Namespace> container = adopt(descriptor);
      try {
        Call call = Call.decode(payload);
        verb = call.verb();
        if (verb == Verb.VERSION) {
          return answer(0, versions());
        }
        version = version(call);
        String out = dispatch(call, version, container);
        LOG.debug("cni {} {} {}", verb, call.containerId(), call.ifname());
        return answer(0, out);
      } finally {
        container.ifPresent(Namespace::close);
      }
    } catch (CniException e) {
      log(verb, e);
      return answer(1, e.json(version));
    } catch (LinuxException | AttachmentException e) {
      return failed(verb, version, Code.IO_FAILURE, e);
    } catch (RuntimeException e) {
      LOG.error("cni {}: an error in Denim", verb, e);
      return failed(verb, version, Code.INTERNAL, e);
    }
  }

  /** Does the DELs that came while no agent answered. What fails is tried at the next call. */
  public void replay() {
    try {
      attachments.waiting().forEach(this::replay);
    } catch (AttachmentException e) {
      LOG.warn("{}", e.getMessage());
    }
  }

  /** One that fails holds up no other. */
  private void replay(Attachment.Key key) {
    try {
      attachments.request(key).ifPresent(request -> replay(key, request));
    } catch (LinuxException | AttachmentException e) {
      LOG.warn("cni: the journal's DEL of {} is not done yet: {}", key, e.getMessage());
    } catch (RuntimeException e) {
      LOG.error("cni: the journal's DEL of {} was not done", key, e);
    }
  }

  private void replay(Attachment.Key key, byte[] request) {
    try {
      Call call = Call.decode(request);
      if (call.verb() == Verb.DEL && key(call).equals(key)) {
        verbs.del(call, Optional.empty());
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

  private static byte[] failed(Verb verb, CniVersion version, Code code, RuntimeException cause) {
    CniException failure = new CniException(code, String.valueOf(cause.getMessage()), "", cause);
    log(verb, failure);
    return answer(1, failure.json(version));
  }

  /** STATUS is asked every few seconds, and its answers are in the agent's status. */
  private static void log(Verb verb, CniException e) {
    if (verb != Verb.STATUS) {
      LOG.warn("cni {} code={} {}", verb, e.code().number(), e.getMessage());
    }
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

  private static Optional<Namespace> adopt(OptionalInt descriptor) {
    if (descriptor.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(Namespace.adopt(descriptor.getAsInt()));
    } catch (IllegalArgumentException e) {
      throw new CniException(
          Code.INVALID_NAMESPACE, "CNI_NETNS is no network namespace: " + e.getMessage(), "", e);
    }
  }

  /** A DEL of a configuration that cannot be read is still a DEL. */
  private CniVersion version(Call call) {
    try {
      return PluginConfig.Header.parse(call.config()).version();
    } catch (CniException e) {
      if (call.verb() == Verb.DEL && attachments.find(key(call)).isPresent()) {
        return NEWEST;
      }
      throw e;
    }
  }

  static Attachment.Key key(Call call) {
    return new Attachment.Key(call.containerId(), call.ifname());
  }

  private String dispatch(Call call, CniVersion version, Optional<Namespace> container) {
    return switch (call.verb()) {
      case ADD -> verbs.add(call, PluginConfig.parse(call.config()), of(call, container));
      case CHECK -> {
        since(version, CniVersion.V0_4_0, call.verb());
        verbs.check(call, PluginConfig.parse(call.config()), of(call, container));
        yield "";
      }
      case DEL -> {
        verbs.del(call, container.filter(inside -> inside.inode() != node.inode()));
        yield "";
      }
      case GC -> {
        since(version, CniVersion.V1_1_0, call.verb());
        verbs.gc(PluginConfig.parse(call.config()));
        yield "";
      }
      case STATUS -> {
        since(version, CniVersion.V1_1_0, call.verb());
        verbs.status(call, PluginConfig.parse(call.config()));
        yield "";
      }
      case VERSION -> versions();
    };
  }

  private static void since(CniVersion has, CniVersion first, Verb verb) {
    if (!has.atLeast(first)) {
      throw new CniException(
          Code.INCOMPATIBLE_VERSION,
          "cniVersion is \""
              + has.text()
              + "\", which has no "
              + verb
              + "; allowed is "
              + first.text()
              + " and later");
    }
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
    if (container.get().inode() == node.inode() && !call.hostNamespaceAllowed()) {
      throw new CniException(
          Code.INVALID_NAMESPACE,
          "CNI_NETNS: \""
              + call.netns()
              + "\" is the node's own network namespace; allowed is one of a container");
    }
    return container.get();
  }
}
