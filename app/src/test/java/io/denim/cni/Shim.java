package io.denim.cni;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The program as a runtime calls it, with nothing in its environment but what a test puts there.
 */
final class Shim {
  private final Path directory;
  private final Path program;
  private final Map<String, String> variables = new TreeMap<>();

  /** Takes the program out of the classes' folder or jar, as an installation does. */
  Shim(Path directory) throws IOException {
    this.directory = directory;
    program = directory.resolve("denim-cni");
    try (InputStream resource =
        Objects.requireNonNull(Shim.class.getResourceAsStream("/io/denim/install/denim-cni"))) {
      Files.copy(resource, program);
    }
    assertThat(program.toFile().setExecutable(true)).isTrue();
    with("DENIM_CNI_SOCKET", socket().toString());
    with("DENIM_CNI_JOURNAL", journal().toString());
  }

  Path socket() {
    return directory.resolve("cni.sock");
  }

  Path journal() {
    return directory.resolve("state").resolve("journal");
  }

  Shim with(String name, String value) {
    variables.put(name, value);
    return this;
  }

  /** What came of a call. */
  record Outcome(int code, String out, String err) {
    /** The answer read as JSON. */
    JsonNode json() {
      return JsonMapper.shared().readTree(out);
    }

    /** Whether it is an error in CNI's form with this code. */
    Outcome assertError(int expected) {
      assertThat(code).isEqualTo(1);
      assertThat(json().propertyNames()).containsExactly("cniVersion", "code", "msg", "details");
      assertThat(json().get("code").asInt()).isEqualTo(expected);
      return this;
    }
  }

  Outcome call(String verb, String stdin) throws Exception {
    return call(verb, stdin.getBytes(StandardCharsets.UTF_8));
  }

  Outcome call(String verb, byte[] stdin) throws Exception {
    with("CNI_COMMAND", verb);
    return run(stdin);
  }

  Outcome run(byte[] stdin) throws Exception {
    Path in = Files.write(directory.resolve("in"), stdin);
    Path out = directory.resolve("out");
    Path err = directory.resolve("err");
    var builder = new ProcessBuilder(program.toString());
    builder.environment().clear();
    builder.environment().putAll(variables);
    Process process =
        builder
            .redirectInput(in.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    return new Outcome(process.exitValue(), Files.readString(out), Files.readString(err));
  }
}
