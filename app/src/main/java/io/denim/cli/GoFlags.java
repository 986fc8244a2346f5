package io.denim.cli;

import io.denim.model.Spelling;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Reads a command line as Go's flag package does: {@code -name value}, {@code --name=value}; a
 * boolean takes a value after "=" only. Unlike flanneld, which ignores all that follows the first
 * word that is no flag, such a word is an error: {@code --ip-masq false} would switch it on.
 *
 * <p>A variable of the environment counts if it is not empty and its flag was not given.
 */
final class GoFlags {
  /**
   * A value as it was given.
   *
   * @param source the flag with its dashes, or the variable's name
   */
  record Given(String source, String value) {}

  private final Map<FlanneldFlag, List<Given>> given = new EnumMap<>(FlanneldFlag.class);

  private GoFlags() {}

  /**
   * What was given, flags in the order of their table, values in that of the command line.
   *
   * @throws CommandException for an unknown flag, a flag without its value, and a word that is none
   */
  static Map<FlanneldFlag, List<Given>> read(List<String> words, Map<String, String> environment) {
    var flags = new GoFlags();
    Deque<String> rest = new ArrayDeque<>(words);
    while (!rest.isEmpty()) {
      flags.next(rest);
    }
    for (FlanneldFlag flag : FlanneldFlag.values()) {
      flag.variable()
          .filter(name -> !flags.given.containsKey(flag))
          .filter(name -> !environment.getOrDefault(name, "").isEmpty())
          .ifPresent(name -> flags.add(flag, new Given(name, environment.getOrDefault(name, ""))));
    }
    return flags.given;
  }

  private void next(Deque<String> rest) {
    String word = rest.removeFirst();
    if (word.equals("--") && rest.isEmpty()) {
      return;
    }
    String bare = word.startsWith("--") ? word.substring(2) : word.replaceFirst("^-", "");
    if (bare.equals(word) || bare.isEmpty()) {
      throw CommandException.usage(
          "\"" + word + "\" is no flag; the value of a boolean flag follows \"=\": --ip-masq=true");
    }
    int equals = bare.indexOf('=');
    String name = equals < 0 ? bare : bare.substring(0, equals);
    FlanneldFlag flag = flag(name);
    String source = "--" + flag.flagName();
    if (equals >= 0) {
      add(flag, new Given(source, bare.substring(equals + 1)));
    } else if (flag.kind() == FlanneldFlag.Kind.BOOL) {
      add(flag, new Given(source, "true"));
    } else if (rest.isEmpty()) {
      throw CommandException.usage(source + " needs a value: " + source + "=VALUE");
    } else {
      add(flag, new Given(source, rest.removeFirst()));
    }
  }

  private static FlanneldFlag flag(String name) {
    if (name.equals("h")) {
      return FlanneldFlag.HELP;
    }
    return FlanneldFlag.named(name)
        .orElseThrow(() -> {
          List<String> known =
              Arrays.stream(FlanneldFlag.values()).map(FlanneldFlag::flagName).toList();
          String near =
              Spelling.nearest(name, known)
                  .map(each -> "; did you mean --" + each + "?")
                  .orElse("");
          return CommandException.usage("unknown flag --" + name + near);
        });
  }

  private void add(FlanneldFlag flag, Given value) {
    given.computeIfAbsent(flag, each -> new ArrayList<>()).add(value);
  }
}
