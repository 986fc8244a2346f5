package io.denim.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class ProgramsTest {
  private static final Path SCRIPT = Path.of("../tools/run.sh");
  private static final Pattern FLAGS = Pattern.compile("(?m)^denim_agent_memory=\"(.*)\"$");

  @Test
  void anAgentOfALabHasTheFlagsOfEveryAgentAfterThoseOfTheLab() throws Exception {
    String flags =
        FLAGS
            .matcher(Files.readString(SCRIPT))
            .results()
            .map(found -> found.group(1))
            .findFirst()
            .orElseThrow();

    List<String> agent =
        new Programs(List.of("java", "-Xmx512m", "io.denim.cli.Main"), Optional.empty()).agent();

    assertThat(String.join(" ", agent))
        .isEqualTo("java -Xmx512m " + flags + " io.denim.cli.Main agent");
  }
}
