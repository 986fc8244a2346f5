package io.denim.install;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ShimBinariesIT {
  private static final byte[] SHIM = bytes("\u007fELF denim-cni version 2");
  private static final byte[] OLD = bytes("\u007fELF denim-cni version 1");
  private static final byte[] REFERENCE = bytes("\u007fELF the reference plugin");

  @TempDir Path directory;

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private Path bin() {
    return directory.resolve("cni/bin");
  }

  private void install() {
    assertThat(new ShimBinaries(bin(), SHIM).install()).isEmpty();
  }

  private void present(String name, byte[] content) throws IOException {
    Files.createDirectories(bin());
    Files.write(bin().resolve(name), content);
  }

  @Test
  void intoAnEmptyFolderItGoesUnderEveryName() throws IOException {
    install();
    try (Stream<Path> files = Files.list(bin())) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder("denim-cni", "flannel", "portmap", "bandwidth", "loopback");
    }
    for (String name : ShimBinaries.names()) {
      Path file = bin().resolve(name);
      assertThat(file).hasBinaryContent(SHIM);
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
          .isEqualTo("rwxr-xr-x");
    }
  }

  @Test
  void theBinariesOfOthersAreLeft() throws IOException {
    present("loopback", REFERENCE);
    present("portmap", new byte[2 << 20]);
    install();
    assertThat(bin().resolve("loopback")).hasBinaryContent(REFERENCE);
    assertThat(bin().resolve("portmap")).hasSize(2 << 20);
    assertThat(bin().resolve("flannel")).hasBinaryContent(SHIM);
  }

  @Test
  void anOlderOneOfDenimsIsReplacedAndWhatIsRightIsNotTouched() throws IOException {
    install();
    Object before = Files.getAttribute(bin().resolve("flannel"), "unix:ino");
    present("loopback", OLD);
    install();
    assertThat(bin().resolve("loopback")).hasBinaryContent(SHIM);
    assertThat(Files.getAttribute(bin().resolve("flannel"), "unix:ino")).isEqualTo(before);
  }

  @Test
  void theNameDenimCniIsDenimsWhateverIsThere() throws IOException {
    present("denim-cni", REFERENCE);
    install();
    assertThat(bin().resolve("denim-cni")).hasBinaryContent(SHIM);
  }

  @Test
  void oneThatIsNotExecutableIsMadeSo() throws IOException {
    present("denim-cni", SHIM);
    ShimBinaries binaries = new ShimBinaries(bin(), SHIM);
    assertThat(binaries.isThere()).isFalse();
    install();
    assertThat(binaries.isThere()).isTrue();
  }

  @Test
  void linksAreLeftWhereverTheyLead() throws IOException {
    present("bridge", REFERENCE);
    Files.createSymbolicLink(bin().resolve("loopback"), Path.of("bridge"));
    Files.createSymbolicLink(bin().resolve("portmap"), Path.of("nothing"));
    install();
    assertThat(bin().resolve("loopback")).isSymbolicLink();
    assertThat(bin().resolve("portmap")).isSymbolicLink();
    assertThat(bin().resolve("bridge")).hasBinaryContent(REFERENCE);
  }

  @Test
  void aRunningBinaryIsReplaced() throws Exception {
    Files.createDirectories(bin());
    Path file = bin().resolve("denim-cni");
    Files.copy(Path.of("/bin/sleep"), file);
    Process running = new ProcessBuilder(file.toString(), "60").start();
    try {
      install();
      assertThat(file).hasBinaryContent(SHIM);
      assertThat(running.isAlive()).isTrue();
    } finally {
      running.destroyForcibly();
    }
  }

  @Test
  void whatCannotBeDoneIsToldForEachAndStopsNothing() throws IOException {
    Files.createDirectories(bin().resolve("denim-cni/in-the-way"));
    List<String> problems = new ShimBinaries(bin(), SHIM).install();
    assertThat(problems)
        .containsExactly("cannot install " + bin().resolve("denim-cni") + ": Is a directory");
    assertThat(bin().resolve("loopback")).hasBinaryContent(SHIM);
  }
}
