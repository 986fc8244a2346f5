package io.denim.install;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The plugin's binary in the folder of CNI plugins, under its own name and under those that the
 * configurations of a flannel node call. It is the same under each.
 */
final class ShimBinaries {
  private static final Logger LOG = LoggerFactory.getLogger(ShimBinaries.class);

  /**
   * Names that others may have: containerd needs loopback where its own is switched off, flannel's
   * conflist names flannel and portmap, canal's bandwidth.
   */
  private static final List<String> ALSO = List.of("flannel", "portmap", "bandwidth", "loopback");

  /** Octets; Denim's binary is far below, the reference plugins are far above. */
  private static final long LARGEST = 1 << 20;

  private final Path folder;
  private final byte[] shim;
  private final Set<String> left = new HashSet<>();

  /**
   * @param folder the folder of CNI plugins
   * @param shim the binary
   */
  ShimBinaries(Path folder, byte[] shim) {
    this.folder = folder;
    this.shim = shim;
  }

  /** All names that Denim may have a binary under. */
  static List<String> names() {
    return Stream.concat(Stream.of(Conflist.TYPE), ALSO.stream()).toList();
  }

  /**
   * Puts the binary wherever it is missing or an older one of Denim's is; that of another is left
   * alone, but for the name denim-cni.
   *
   * @return what could not be done, a sentence each
   */
  List<String> install() {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      return List.of(
          "cannot make the folder of CNI plugins " + folder + ": " + PlacedFile.reason(e));
    }
    List<String> problems = new ArrayList<>();
    for (String name : names()) {
      Path file = folder.resolve(name);
      try {
        if (isWanted(name, file)) {
          PlacedFile.put(file, shim, "rwxr-xr-x");
          LOG.info("cni binary installed file={}", file);
        }
      } catch (IOException e) {
        problems.add("cannot install " + file + ": " + PlacedFile.reason(e));
      }
    }
    return problems;
  }

  private boolean isWanted(String name, Path file) throws IOException {
    if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
      return true;
    }
    byte[] present = read(file);
    if (Arrays.equals(present, shim)) {
      return !Files.isExecutable(file);
    }
    boolean wanted = name.equals(Conflist.TYPE) || isOurs(present);
    if (!wanted && left.add(name)) {
      LOG.info("cni binary left file={} reason=\"another's\"", file);
    }
    return wanted;
  }

  /** Whether runtimes find the plugin. */
  boolean isThere() {
    return Files.isExecutable(folder.resolve(Conflist.TYPE));
  }

  /** Whether a file is a binary of Denim's, of whatever version. */
  static boolean isOurs(Path file) throws IOException {
    return isOurs(read(file));
  }

  /** Every version has its name in it. */
  private static boolean isOurs(byte[] content) {
    return new String(content, StandardCharsets.ISO_8859_1).contains(Conflist.TYPE);
  }

  /** The octets; none for what is too long to be Denim's or is no file. */
  private static byte[] read(Path file) throws IOException {
    return Files.isRegularFile(file) && Files.size(file) <= LARGEST
        ? Files.readAllBytes(file)
        : new byte[0];
  }
}
