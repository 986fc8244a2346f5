package io.denim.router;

import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.CollectionEndEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.Node;

/** One document of YAML 1.2 as nodes that know their lines. */
final class YamlText {
  /** Far deeper than any file here; the composer recurses, so that a depth must be set. */
  private static final int MAX_DEPTH = 50;

  private static final LoadSettings SETTINGS =
      LoadSettings.builder()
          .setUseMarks(true)
          .setAllowDuplicateKeys(true) // YamlMap names both lines
          .setAllowNonScalarKeys(true) // and says what is no key
          .setMaxAliasesForCollections(1000)
          .setCodePointLimit(100_000_000)
          .build();

  private YamlText() {}

  /** The document's node; empty, with the problem noted unless the text is empty, without one. */
  static Optional<Node> compose(String text, Problems problems) {
    try {
      if (isTooDeep(text, problems)) {
        return Optional.empty();
      }
      return new Compose(SETTINGS).composeString(text);
    } catch (MarkedYamlEngineException e) {
      int line = e.getProblemMark().map(Mark::getLine).orElse(0) + 1;
      problems.add(line, "", "is no YAML: " + e.getProblem(), "");
    } catch (YamlEngineException e) {
      String message = String.valueOf(e.getMessage()).strip().replaceAll("\\s*\n\\s*", " ");
      problems.add(1, "", "is no YAML: " + message, "");
    }
    return Optional.empty();
  }

  private static boolean isTooDeep(String text, Problems problems) {
    int depth = 0;
    for (Event event : new Parse(SETTINGS).parseString(text)) {
      if (event instanceof CollectionEndEvent) {
        depth--;
      } else if (event instanceof CollectionStartEvent && ++depth > MAX_DEPTH) {
        int line = event.getStartMark().map(Mark::getLine).orElse(0) + 1;
        problems.add(line, "", "is nested too deep", "at most " + MAX_DEPTH + " levels");
        return true;
      }
    }
    return false;
  }
}
