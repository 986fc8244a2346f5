package io.denim.install;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SequencedMap;

/** What is wrong with the files beside Denim's, as far as it keeps pods from Denim. */
final class Rivals {
  private Rivals() {}

  /**
   * The problems, in words for a person.
   *
   * @param folder where the files are
   * @param files all files that runtimes read there, in their order
   */
  static List<String> problems(Path folder, SequencedMap<String, ConfFile> files) {
    List<String> problems = new ArrayList<>();
    files.forEach((name, file) -> {
      // What comes after Denim's is read by nobody: containerd takes one, CRI-O the first that
      // works.
      if (ConfFolder.isBefore(name, Conflist.FILE)) {
        switch (file) {
          case ConfFile.Unusable(String reason) ->
              problems.add(
                  folder.resolve(name)
                      + " "
                      + reason
                      + ", and comes before "
                      + Conflist.FILE
                      + ": containerd loads no network at all until it is mended or deleted");
          case ConfFile.Usable usable when usable.isMultus() -> {
            // It calls the network of the next file.
          }
          case ConfFile.Usable usable ->
              problems.add(
                  folder.resolve(name)
                      + " comes before "
                      + Conflist.FILE
                      + ": new pods get the network \""
                      + usable.network()
                      + "\" and not Denim's until it is deleted or renamed");
        }
      }
    });
    return problems;
  }
}
