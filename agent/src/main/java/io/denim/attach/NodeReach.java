package io.denim.attach;

import io.denim.cni.CniException;
import io.denim.linux.Descriptor;
import io.denim.linux.Errno;
import io.denim.linux.ns.Namespace;
import io.denim.linux.ns.Sysctl;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * How an agent reaches the files and the parameters of its node that other programs use too. One
 * that runs on the node itself has them at their paths. One in a container sees neither the node's
 * {@code /var/lib/cni} nor a writable {@code /proc/sys}: {@code denim-cni}, which runtimes execute
 * on the node, opens them and sends them along with each call.
 */
public final class NodeReach implements AutoCloseable {
  /** Where reference plugins have the addresses and flannel's has its scratch files. */
  private static final Path CNI = Path.of("/var/lib/cni");

  private final Sysctl sysctl;
  private final Optional<Path> shared;
  private Optional<Descriptor> cni = Optional.empty();
  private int errno = Errno.ENOENT;
  private boolean called;
  private volatile Runnable arrived = () -> {};

  private NodeReach(Sysctl sysctl, Optional<Path> shared) {
    this.sysctl = sysctl;
    this.shared = shared;
  }

  /** Everything is where it is. */
  public static NodeReach ofHost(Namespace node) {
    return new NodeReach(Sysctl.of(node), Optional.empty());
  }

  /**
   * Nothing is at hand before the first call, besides one folder.
   *
   * @param shared what the container and the node have at the same path, {@code /run/flannel}
   */
  public static NodeReach ofContainer(Namespace node, Path shared) {
    return new NodeReach(Sysctl.awaitingStandIn(node), Optional.of(shared));
  }

  /** The parameters of the node's network. */
  public Sysctl sysctl() {
    return sysctl;
  }

  /** Has this done when the first call of {@code denim-cni} has come, before it is worked on. */
  public void whenArrived(Runnable action) {
    arrived = action;
  }

  /**
   * Where a file is for this process.
   *
   * @param file its path on the node
   * @throws CniException when a container's agent cannot see it at all
   * @throws AttachmentException when it is not at hand yet
   */
  Path at(Path file) {
    Path path = file.toAbsolutePath().normalize();
    if (shared.isEmpty() || path.startsWith(shared.get())) {
      return file;
    }
    if (!path.startsWith(CNI)) {
      throw new CniException(
          CniException.Code.INVALID_CONFIG,
          "the path \""
              + file
              + "\" cannot be seen by the agent, which runs in a container; allowed is what"
              + " lies in "
              + CNI
              + " or in "
              + shared.get());
    }
    return root().resolve(CNI.relativize(path).toString());
  }

  private synchronized Path root() {
    return cni.map(Descriptor::path)
        .orElseThrow(() ->
            new AttachmentException(
                called
                    ? "the node's "
                        + CNI
                        + " is not at hand: denim-cni could not open it ("
                        + Errno.name(errno)
                        + ")"
                    : "the node's "
                        + CNI
                        + " is not at hand before denim-cni has been called for the first time"));
  }

  /** Takes what came with a call, and the reason where something did not. */
  void receive(Optional<Descriptor> folder, int why, Optional<Descriptor> parameters) {
    if (shared.isEmpty()) {
      return;
    }
    boolean first = keep(folder, why);
    first |= parameters.map(NodeReach::taken).filter(sysctl::reachBy).isPresent();
    if (first) {
      arrived.run();
    }
  }

  /** Each call brings the folder anew: somebody may have deleted and made it meanwhile. */
  private synchronized boolean keep(Optional<Descriptor> folder, int why) {
    called = true;
    errno = why;
    if (folder.isEmpty()) {
      return false;
    }
    Descriptor came = taken(folder.get());
    if (cni.isPresent()) {
      cni.get().become(came);
      return false;
    }
    cni = Optional.of(came);
    return true;
  }

  private static Descriptor taken(Descriptor from) {
    return Descriptor.of(from.take());
  }

  /** Closes what came with calls; from then on it is not at hand any more. */
  @Override
  public synchronized void close() {
    cni.ifPresent(Descriptor::close);
    cni = Optional.empty();
    sysctl.close();
  }

  /** What is not at hand, in words for a person. */
  synchronized List<String> problems() {
    return called && cni.isEmpty()
        ? List.of(
            "no pod can be attached: denim-cni could not hand over the node's "
                + CNI
                + " ("
                + Errno.name(errno)
                + ")")
        : List.of();
  }
}
