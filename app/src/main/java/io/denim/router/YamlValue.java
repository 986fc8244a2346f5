package io.denim.router;

import io.denim.model.Spelling;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * A value of the file, where it stands, and where to say what is wrong with it. What is not of the
 * wanted type is noted and empty, so that reading goes on. A text may look like anything: a peer
 * may be called 7.
 */
record YamlValue(Node node, String path, Problems problems) {
  int line() {
    return node.getStartMark().map(Mark::getLine).orElse(0) + 1;
  }

  /** Whether something stands there: {@code key:} and {@code key: null} are as not written. */
  boolean isGiven() {
    return !(node instanceof ScalarNode && node.getTag().equals(Tag.NULL));
  }

  boolean isScalar() {
    return node instanceof ScalarNode;
  }

  boolean isMap() {
    return node instanceof MappingNode;
  }

  boolean isList() {
    return node instanceof SequenceNode;
  }

  void wrong(String message, String allowed) {
    problems.add(line(), path, message, allowed);
  }

  private void doesNotFit(String allowed) {
    wrong(shown() + " does not fit", allowed);
  }

  Optional<String> text(String allowed) {
    if (node instanceof ScalarNode scalar && isGiven()) {
      return Optional.of(scalar.getValue());
    }
    doesNotFit(allowed);
    return Optional.empty();
  }

  Optional<Boolean> bool() {
    if (node instanceof ScalarNode scalar && node.getTag().equals(Tag.BOOL)) {
      return Optional.of(scalar.getValue().equalsIgnoreCase("true"));
    }
    doesNotFit("true or false");
    return Optional.empty();
  }

  Optional<Long> number(long least, long most) {
    String allowed = "a whole number of " + least + " to " + most;
    Optional<String> text = text(allowed).map(String::strip);
    if (text.isPresent() && !text.get().matches("-?[0-9]{1,18}")) {
      doesNotFit(allowed);
      return Optional.empty();
    }
    Optional<Long> number = text.map(Long::valueOf);
    if (number.isPresent() && (number.get() < least || number.get() > most)) {
      wrong(number.get() + " is out of range", least + " to " + most);
      return Optional.empty();
    }
    return number;
  }

  /** One of a few words, and what it stands for. */
  <T> Optional<T> word(Map<String, T> words) {
    String allowed = listed(List.copyOf(words.keySet()));
    Optional<String> text = text(allowed);
    Optional<T> meant = text.flatMap(word -> Optional.ofNullable(words.get(word)));
    if (text.isPresent() && meant.isEmpty()) {
      wrong(shown() + " is not known" + Spelling.hint(text.get(), words.keySet()), allowed);
    }
    return meant;
  }

  /** A text that {@code parser} reads, or refuses with an IllegalArgumentException. */
  <T> Optional<T> parse(String allowed, Function<String, T> parser) {
    return text(allowed).flatMap(text -> attempt(() -> parser.apply(text)));
  }

  /** What {@code maker} makes of what was read here; its refusal is a problem of this value. */
  <T> Optional<T> attempt(Supplier<T> maker) {
    try {
      return Optional.of(maker.get());
    } catch (IllegalArgumentException e) {
      wrong(String.valueOf(e.getMessage()), "");
      return Optional.empty();
    }
  }

  YamlMap map() {
    return new YamlMap(this);
  }

  /** The members of a list. */
  List<YamlValue> list(String allowed) {
    if (node instanceof SequenceNode sequence) {
      List<YamlValue> members = new ArrayList<>();
      for (Node member : sequence.getValue()) {
        members.add(new YamlValue(member, path + "[" + members.size() + "]", problems));
      }
      return members;
    }
    doesNotFit(allowed);
    return List.of();
  }

  /** The members of a list that is not empty, or this value as the only one. */
  List<YamlValue> oneOrMore(String allowed) {
    if (!isList()) {
      return List.of(this);
    }
    List<YamlValue> members = list(allowed);
    if (members.isEmpty()) {
      wrong("the list is empty", allowed);
    }
    return members;
  }

  /** The value in short, as JSON would have it. */
  String shown() {
    if (node instanceof ScalarNode scalar) {
      String text = scalar.getValue().replace("\n", "\\n");
      return "\"" + (text.length() <= 60 ? text : text.substring(0, 57) + "...") + "\"";
    }
    return isMap() ? "a mapping" : "a list";
  }

  /** {@code a, b or c}. */
  static String listed(List<String> words) {
    return words.size() == 1
        ? words.getFirst()
        : String.join(", ", words.subList(0, words.size() - 1)) + " or " + words.getLast();
  }
}
