package io.denim.lab;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The programs that {@code ./denim peers} has built: Kubernetes, etcd, containerd, flanneld and
 * more.
 *
 * @param folder where they are; the reference CNI plugins are in its folder {@code cni}
 */
public record Peers(Path folder) {
  private static final List<String> SYSTEM =
      List.of("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin");

  /**
   * The program of this name.
   *
   * @throws LabException when it is not there
   */
  public Path program(String name) {
    Path program = folder.resolve(name);
    if (!Files.isExecutable(program)) {
      throw new LabException(
          "the program " + name + " is not in " + folder + "; build it: ./denim peers");
    }
    return program;
  }

  /**
   * Looks for programs before anything is started that needs them.
   *
   * @throws LabException naming all that are not there
   */
  void require(List<String> names) {
    List<String> missing =
        names.stream().filter(name -> !Files.isExecutable(folder.resolve(name))).toList();
    if (!missing.isEmpty()) {
      throw new LabException(
          "this lab needs programs that are not in "
              + folder
              + ": "
              + String.join(", ", missing)
              + "; build them: ./denim peers");
    }
  }

  /** The reference CNI plugin of this name. */
  public Path plugin(String name) {
    return program("cni/" + name);
  }

  /**
   * A program that Debian has.
   *
   * @param name looked for where Debian has programs, and in /usr/local
   * @throws LabException when it is not there
   */
  public static Path debian(String name, String packageName) {
    for (String folder : SYSTEM) {
      Path program = Path.of(folder, name);
      if (Files.isExecutable(program)) {
        return program;
      }
    }
    throw new LabException(
        "the program " + name + " is missing; install it: apt-get install -y " + packageName);
  }

  /** PATH for programs that call others: these first, then the system's. */
  String path() {
    return folder + ":" + String.join(":", SYSTEM);
  }
}
