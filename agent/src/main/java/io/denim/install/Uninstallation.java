package io.denim.install;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Takes away the files by which a node is Denim's: configuration, binaries and state, whoever of
 * Denim's versions made them, and nothing of others. What is not there is not told. The files of
 * addresses stay: they are host-local's too, and whoever takes the node over must not give away
 * what a pod still has.
 */
public final class Uninstallation {
  private static final String RECORDS = "attachments";

  /** What the agent keeps in its data folder; addresses were there once. */
  private static final List<String> STATE =
      List.of(RECORDS, "journal", "networks", "store", "network.json", "node-name");

  private final ConfFolder conf;
  private final Path bin;
  private final Path data;

  /**
   * @param conf the folder of CNI configurations
   * @param bin the folder of CNI plugins
   * @param data the agent's data folder, such as /var/lib/denim
   */
  public Uninstallation(Path conf, Path bin, Path data) {
    this.conf = new ConfFolder(conf);
    this.bin = bin;
    this.data = data;
  }

  /**
   * The pods that are attached by the agent's records, as container and interface, sorted.
   *
   * @throws InstallException when the records cannot be read
   */
  public List<String> attached() {
    Path records = data.resolve(RECORDS);
    if (!Files.isDirectory(records)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(records)) {
      return files
          .map(file -> file.getFileName().toString())
          // A dot-file is one that was not written to its end.
          .filter(name -> !name.startsWith("."))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new InstallException(
          "cannot read which pods are attached from " + records + ": " + PlacedFile.reason(e), e);
    }
  }

  /**
   * Removes the configuration, so that no more pods come.
   *
   * @param dry whether only to tell what would be done
   */
  public List<Removal> conflist(boolean dry) {
    List<Removal> done = new ArrayList<>();
    remove(
        "conflist",
        conf.path().resolve(Conflist.FILE),
        dry,
        done,
        file -> {
          conf.delete(Conflist.FILE);
          conf.deleteRemnants(Conflist.FILE);
        });
    return done;
  }

  /**
   * Removes the binaries that are Denim's.
   *
   * @param dry whether only to tell what would be done
   */
  public List<Removal> binaries(boolean dry) {
    List<Removal> done = new ArrayList<>();
    for (String name : ShimBinaries.names()) {
      binary(bin.resolve(name), dry, done);
    }
    return done;
  }

  private static void binary(Path file, boolean dry, List<Removal> done) {
    try {
      if (exists(file) && !ShimBinaries.isOurs(file)) {
        done.add(Removal.kept("binary", file.toString(), "it is not Denim's"));
        return;
      }
    } catch (IOException e) {
      done.add(Removal.kept("binary", file.toString(), "cannot read it: " + PlacedFile.reason(e)));
      return;
    }
    remove(
        "binary",
        file,
        dry,
        done,
        each -> {
          Files.deleteIfExists(each);
          Files.deleteIfExists(PlacedFile.temporary(each));
        });
  }

  /**
   * Removes the state: records, journal and store. Other files of the data folder stay, and the
   * folder with them.
   *
   * @param dry whether only to tell what would be done
   */
  public List<Removal> state(boolean dry) {
    List<Removal> done = new ArrayList<>();
    for (String name : STATE) {
      remove("state", data.resolve(name), dry, done, Uninstallation::deleteTree);
    }
    if (!dry && exists(data)) {
      try (Stream<Path> left = Files.list(data)) {
        List<Path> others = left.sorted().toList();
        others.forEach(
            each -> done.add(Removal.kept("state", each.toString(), "it is not Denim's")));
        if (others.isEmpty()) {
          remove("state", data, false, done, Files::delete);
        }
      } catch (IOException e) {
        done.add(failed("state", data, e));
      }
    }
    return done;
  }

  /** Deletes a folder with all in it; links are deleted and not followed. */
  private static void deleteTree(Path folder) throws IOException {
    List<Path> all;
    try (Stream<Path> walk = Files.walk(folder)) {
      all = walk.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path each : all) {
      Files.deleteIfExists(each);
    }
  }

  private static boolean exists(Path file) {
    return Files.exists(file, LinkOption.NOFOLLOW_LINKS);
  }

  /** How to remove one thing. */
  private interface Deletion {
    void of(Path file) throws IOException;
  }

  private static void remove(
      String part, Path file, boolean dry, List<Removal> done, Deletion deletion) {
    if (!exists(file)) {
      return;
    }
    if (dry) {
      done.add(new Removal(part, file.toString(), Removal.Outcome.PLANNED, ""));
      return;
    }
    try {
      deletion.of(file);
      done.add(new Removal(part, file.toString(), Removal.Outcome.REMOVED, ""));
    } catch (IOException e) {
      done.add(failed(part, file, e));
    }
  }

  private static Removal failed(String part, Path file, IOException e) {
    return new Removal(part, file.toString(), Removal.Outcome.FAILED, PlacedFile.reason(e));
  }
}
