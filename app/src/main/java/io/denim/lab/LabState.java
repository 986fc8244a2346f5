package io.denim.lab;

import io.denim.agent.AgentStatus;
import io.denim.agent.StatusServer;
import io.denim.linux.ns.Namespace;
import io.denim.model.Json;
import io.denim.net.Cidr;
import io.denim.net.IpAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Where everything in a running lab is, so that any process of the machine can enter it.
 *
 * @param name the lab's name
 * @param pid the process that holds the namespaces
 * @param directory the folder of its files
 * @param members all that has a namespace
 */
public record LabState(String name, long pid, String directory, List<Member> members) {
  private static final String FILE = "lab.json";

  /** Copies the list. */
  public LabState {
    members = List.copyOf(members);
  }

  /**
   * A node, a pod, a router or the outside.
   *
   * @param name its name
   * @param kind {@code node}, {@code pod}, {@code router} or {@code outside}
   * @param node of a pod, its node
   * @param namespace the path of its namespace
   * @param addresses its addresses
   */
  public record Member(
      String name, String kind, String node, String namespace, List<String> addresses) {
    /** Copies the list. */
    public Member {
      addresses = List.copyOf(addresses);
    }

    /** Its first address. */
    public IpAddress address() {
      return IpAddress.parse(addresses.getFirst());
    }
  }

  /** Writes the state into its folder; from then on the lab is up. */
  public void write() throws IOException {
    Path file = Path.of(directory).resolve(FILE);
    Path written = file.resolveSibling(FILE + ".new");
    Files.writeString(written, Json.mapper().writeValueAsString(this));
    Files.move(written, file, java.nio.file.StandardCopyOption.ATOMIC_MOVE);
  }

  /** The state of the lab in a folder, empty when it is not up or its process has ended. */
  public static Optional<LabState> read(Path directory) throws IOException {
    try {
      LabState state =
          Json.mapper().readValue(Files.readString(directory.resolve(FILE)), LabState.class);
      boolean alive = ProcessHandle.of(state.pid()).filter(ProcessHandle::isAlive).isPresent();
      return alive ? Optional.of(state) : Optional.empty();
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  /** The members of a kind. */
  public List<Member> of(String kind) {
    return members.stream().filter(member -> member.kind().equals(kind)).toList();
  }

  /** The member of this name. */
  public Member member(String wanted) {
    return members.stream()
        .filter(member -> member.name().equals(wanted))
        .findFirst()
        .orElseThrow(() ->
            new LabException(
                "nothing in lab "
                    + name
                    + " is called "
                    + wanted
                    + "; present: "
                    + members.stream().map(Member::name).toList()));
  }

  /** Opens a member's namespace. */
  public Namespace open(String wanted) {
    return Namespace.open(Path.of(member(wanted).namespace()));
  }

  /** Asks a node's agent. */
  public AgentStatus status(String node) {
    return StatusServer.ask(Path.of(directory, "nodes", node, "agent.sock"));
  }

  /** The word for the way from a member to an address. */
  String path(Member from, IpAddress target) {
    String node = from.kind().equals("node") ? from.name() : from.node();
    if (node.isEmpty()) {
      return "underlay";
    }
    AgentStatus status = status(node);
    if (status.subnets().stream().anyMatch(subnet -> Cidr.parse(subnet).contains(target))) {
      return "local";
    }
    return status.paths().stream()
        .filter(path -> Cidr.parse(path.subnet()).contains(target))
        .map(AgentStatus.PathStatus::path)
        .findFirst()
        .orElse("underlay");
  }
}
