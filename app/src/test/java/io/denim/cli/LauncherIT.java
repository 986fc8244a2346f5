package io.denim.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The script ./denim in a small checkout whose build only copies a jar. */
class LauncherIT {
  private static final Path REPOSITORY = Path.of("..").toAbsolutePath().normalize();

  @TempDir private Path temp;
  private Path checkout;

  /** What a command printed and how it ended. */
  private record Ended(int code, String out, String err) {}

  @BeforeEach
  void aCheckout() throws IOException {
    checkout = Files.createDirectory(temp.resolve("checkout"));
    Files.createDirectories(checkout.resolve("tools"));
    for (String each :
        List.of("denim", "tools/prepare", "tools/run.sh", "tools/jdk.sh", "tools/debian.sh")) {
      Files.copy(
          REPOSITORY.resolve(each), checkout.resolve(each), StandardCopyOption.COPY_ATTRIBUTES);
    }
    program(
        "tools/peers",
        "#!/bin/sh\n[ $# = 0 ] && echo peers >>${0%/*}/../built || echo /the/peers\n");
    write("pom.xml", "");
    write("app/pom.xml", "");
    write("app/src/main/x", "");
    program(
        "build",
        """
        #!/bin/sh
        echo "[INFO] Building Small: a part 1.0      [1/1]"
        cd "$(dirname "$0")"
        echo "$*" >>builds
        mkdir -p app/target/lib
        cp small.jar app/target/denim-0.1.0.jar
        cp small.jar app/target/lib/other.jar
        sleep 0.3
        ! [ -e broken ] || { echo "[ERROR] it is broken"; exit 1; }
        """);
    smallJar();
  }

  @Test
  void theFirstUseBuildsAndLaterOnesDoNot() throws Exception {
    Ended first = denim("a", "b c");
    Ended second = denim("d");

    assertThat(first).as(first.err).isEqualTo(new Ended(0, "ran [a, b c]\n", first.err));
    assertThat(first.err)
        .contains("building ...", "[1/1] Small: a part", "making the AOT cache", "ready");
    assertThat(second).isEqualTo(new Ended(0, "ran [d]\n", ""));
    assertThat(builds()).hasSize(1);
  }

  @Test
  void theExitCodeIsTheCommandS() throws Exception {
    assertThat(denim("exit", "7").code).isEqualTo(7);
  }

  @Test
  void aChangedSourceIsBuiltAgain() throws Exception {
    denim();
    touch("app/src/main/x");
    denim();

    assertThat(builds()).hasSize(2);
    try (Stream<Path> files = Files.list(checkout.resolve(".denim"))) {
      assertThat(files.filter(each -> each.getFileName().toString().startsWith("build.")))
          .as("old builds are removed")
          .hasSize(1);
    }
  }

  @Test
  void twoAtOnceBuildOnce() throws Exception {
    Process one = start(Map.of(), checkout.resolve("denim").toString(), "one");
    Process two = start(Map.of(), checkout.resolve("denim").toString(), "two");

    Ended first = end(one);
    Ended second = end(two);

    assertThat(List.of(first.out, second.out)).containsExactly("ran [one]\n", "ran [two]\n");
    assertThat(first.err + second.err).contains("waits for another ./denim that is building");
    assertThat(builds()).hasSize(1);
  }

  @Test
  void aBuildInUseIsLeftAlone() throws Exception {
    denim();
    Path used = checkout.resolve(".denim/current").toRealPath();
    Process user = start(Map.of(), checkout.resolve("denim").toString(), "wait");
    assertThat(user.getInputStream().read()).isEqualTo('w');

    touch("app/src/main/x");
    denim();

    assertThat(used).exists();
    user.getOutputStream().close();
    assertThat(end(user).code).isZero();
    touch("app/src/main/x");
    denim();
    assertThat(used).doesNotExist();
  }

  @Test
  void theCacheIsUsedWhereverItIsCalledFrom() throws Exception {
    denim();
    Path link = Files.createSymbolicLink(temp.resolve("link"), checkout.resolve("denim"));

    // AOTMode=on ends the JVM when the cache does not fit.
    Ended ended = end(start(Map.of("DENIM_JAVA_OPTS", "-XX:AOTMode=on"), link.toString(), "x"));

    assertThat(ended).isEqualTo(new Ended(0, "ran [x]\n", ""));
  }

  @Test
  void aFailedBuildShowsTheEndOfItsLog() throws Exception {
    write("broken", "");

    Ended ended = denim();

    assertThat(ended.code).isEqualTo(1);
    assertThat(ended.out).isEmpty();
    assertThat(ended.err).contains("building: failed").contains("[ERROR] it is broken");
  }

  @Test
  void aReadOnlyCheckoutRunsOnceItIsBuilt() throws Exception {
    Ended before = end(start(Map.of(), asNobody(checkout.resolve("denim").toString())));
    denim();
    Ended after = end(start(Map.of(), asNobody(checkout.resolve("denim").toString(), "x")));

    assertThat(before.code).isEqualTo(1);
    assertThat(before.err).contains("has to be built, and you cannot write there");
    assertThat(after).isEqualTo(new Ended(0, "ran [x]\n", ""));
  }

  @Test
  void missingPackagesAreInstalledByName() throws Exception {
    Path bin = onlyThesePrograms();
    Path log = temp.resolve("apt");
    program(
        bin.resolve("apt-get"),
        """
        #!/bin/sh
        echo "$*" >>%s
        case $1 in install) for p in mvn gcc musl-gcc ip nft; do ln -sf /bin/true %s/$p; done ;; esac
        echo "Setting up maven (3.8.7-1) ..."
        """
            .formatted(log, bin));

    Ended ended =
        end(start(Map.of("PATH", bin.toString()), checkout.resolve("denim").toString(), "x"));

    assertThat(ended.out).as(ended.err).isEqualTo("ran [x]\n");
    assertThat(ended.err)
        .contains("installs these Debian packages: ", "maven", "Setting up maven (3.8.7-1)");
    assertThat(Files.readAllLines(log))
        .hasSize(2)
        .startsWith("update")
        .last()
        .asString()
        .startsWith("install -y --no-install-recommends maven ");
  }

  @Test
  void whoMayNotInstallIsToldWhat() throws Exception {
    Path bin = onlyThesePrograms();
    program(bin.resolve("apt-get"), "#!/bin/sh\nexit 100\n");
    Map<String, String> path = Map.of("PATH", bin.toString());

    Ended ended = end(start(path, checkout.resolve("denim").toString()));

    assertThat(ended.code).isEqualTo(1);
    assertThat(ended.err)
        .contains("apt-get update: failed")
        .contains("could not install maven ")
        .contains("apt-get update && apt-get install -y maven ");
  }

  @Test
  void testsBuildThePeersAndRunTheWholeBuild() throws Exception {
    Ended ended = denim("test", "-pl", "net");

    assertThat(ended.code).as(ended.err).isZero();
    assertThat(ended.out).contains("[INFO] Building Small");
    assertThat(builds()).containsExactly("verify -pl net");
    assertThat(checkout.resolve("built")).hasContent("peers\n");
  }

  @Test
  void thePeersAreBuiltAndTheirFolderIsPrinted() throws Exception {
    Ended ended = denim("peers");

    assertThat(ended.code).as(ended.err).isZero();
    assertThat(ended.out).isEqualTo("/the/peers\n");
    assertThat(checkout.resolve("built")).hasContent("peers\n");
    assertThat(checkout.resolve("builds")).doesNotExist();
  }

  /** A folder with the programs that the scripts call, and without those of the packages. */
  private Path onlyThesePrograms() throws IOException {
    Path bin = Files.createDirectory(temp.resolve("bin"));
    List<String> names =
        List.of(
            "sh",
            "bash",
            "cat",
            "chmod",
            "cmp",
            "cp",
            "dirname",
            "find",
            "flock",
            "grep",
            "id",
            "ln",
            "mkdir",
            "mktemp",
            "mv",
            "readlink",
            "rm",
            "sleep",
            "tail",
            "touch",
            "tr");
    for (String name : names) {
      Path program =
          Stream.of("/usr/bin", "/bin")
              .map(dir -> Path.of(dir, name))
              .filter(Files::exists)
              .findFirst()
              .orElseThrow(() -> new IllegalStateException("this test needs the program " + name));
      // No link: of each that leads out of a temporary folder JUnit complains.
      Path script =
          Files.writeString(bin.resolve(name), "#!/bin/sh\nexec " + program + " \"$@\"\n");
      Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
    return bin;
  }

  private Ended denim(String... words) throws Exception {
    var command = new ArrayList<>(List.of(words));
    command.addFirst(checkout.resolve("denim").toString());
    return end(start(Map.of(), command.toArray(String[]::new)));
  }

  /** The command as an ordinary user who may read the checkout and not write there. */
  private String[] asNobody(String... command) throws IOException {
    for (Path dir : List.of(temp, checkout)) {
      Files.setPosixFilePermissions(dir, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
    var words = new ArrayList<>(List.of(command));
    words.addAll(0, List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"));
    return words.toArray(String[]::new);
  }

  private static Process start(Map<String, String> environment, String... command)
      throws IOException {
    var builder = new ProcessBuilder(command).directory(Path.of("/").toFile());
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().putAll(environment);
    return builder.start();
  }

  private static Ended end(Process process) throws Exception {
    process.getOutputStream().close();
    var err = new String[1];
    Thread reader = Thread.ofVirtual().start(() -> err[0] = text(process.getErrorStream()));
    String out = text(process.getInputStream());
    reader.join(Duration.ofMinutes(1));
    if (!process.waitFor(1, TimeUnit.MINUTES)) {
      process.destroyForcibly();
      throw new AssertionError("does not end: " + process.info().commandLine());
    }
    return new Ended(process.exitValue(), out, err[0]);
  }

  private static String text(InputStream stream) {
    try {
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private List<String> builds() throws IOException {
    return Files.readAllLines(checkout.resolve("builds"));
  }

  private void touch(String file) throws IOException {
    // Later than the stamp whatever the grain of the file system's clock.
    Files.setLastModifiedTime(checkout.resolve(file), FileTime.from(Instant.now().plusMillis(100)));
  }

  private void write(String file, String text) throws IOException {
    Path path = checkout.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text);
  }

  private void program(String file, String text) throws IOException {
    program(checkout.resolve(file), text);
  }

  private static void program(Path file, String text) throws IOException {
    Files.writeString(file, text);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  /** A jar with an io.denim.cli.Main that says what it was given. */
  private void smallJar() throws IOException {
    Path source = temp.resolve("src/io/denim/cli/Main.java");
    Files.createDirectories(source.getParent());
    Files.writeString(
        source,
        """
        package io.denim.cli;

        public final class Main {
          public static void main(String[] words) throws Exception {
            if (words.length > 0 && words[0].equals("exit")) {
              System.exit(Integer.parseInt(words[1]));
            }
            if (words.length > 0 && words[0].equals("wait")) {
              System.out.println("waits");
              System.in.readAllBytes();
            }
            System.out.println("ran " + java.util.List.of(words));
          }
        }
        """);
    Path classes = temp.resolve("classes");
    int result =
        ToolProvider.getSystemJavaCompiler()
            .run(null, null, null, "-d", classes.toString(), source.toString());
    assertThat(result).isZero();
    try (var jar = new JarOutputStream(Files.newOutputStream(checkout.resolve("small.jar")));
        Stream<Path> files = Files.walk(classes, FileVisitOption.FOLLOW_LINKS)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        jar.putNextEntry(new ZipEntry(classes.relativize(file).toString()));
        Files.copy(file, jar);
        jar.closeEntry();
      }
    }
  }
}
