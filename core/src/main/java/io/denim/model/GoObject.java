package io.denim.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * A JSON object as Go's encoding/json fills a struct from it. Keys match whatever their case and
 * are applied in the order of the text, so of two spellings the later wins; {@code null} leaves a
 * number, a boolean or a text as it was; a wrong type anywhere is an error even if a later spelling
 * repairs it. Problems go to a list, so that one reading finds all of them.
 */
final class GoObject {
  /** What kind of value stands behind a key. */
  enum Kind {
    NULL("null"),
    BOOLEAN("a boolean"),
    NUMBER("a number"),
    STRING("a text"),
    OBJECT("an object"),
    ARRAY("a list");

    private final String words;

    Kind(String words) {
      this.words = words;
    }
  }

  /**
   * A key and its value.
   *
   * @param name the key as it is spelled
   * @param kind the kind of the value
   * @param text a text without its quotes; otherwise as {@code raw}
   * @param raw the value as it stands in the document
   */
  record Member(String name, Kind kind, String text, String raw) {}

  private final String path;
  private final List<Member> members;
  private final List<ConfigProblem> problems;

  private GoObject(String path, List<Member> members, List<ConfigProblem> problems) {
    this.path = path;
    this.members = members;
    this.problems = problems;
  }

  /**
   * Reads a document.
   *
   * @throws InvalidConfigException when it is no JSON object; nothing else can be said of it then
   */
  static GoObject parse(String json, List<ConfigProblem> problems) {
    return new GoObject("", members(json), problems);
  }

  private static List<Member> members(String json) {
    try (JsonParser parser = Json.mapper().createParser(json)) {
      JsonToken first = parser.nextToken();
      if (first != JsonToken.START_OBJECT) {
        throw InvalidConfigException.of(
            "document", first == null ? "(empty)" : shorten(json), "must be one JSON object {…}");
      }
      List<Member> members = new ArrayList<>();
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        members.add(member(json, parser));
      }
      if (parser.nextToken() != null) {
        throw InvalidConfigException.of(
            position(
                parser.currentTokenLocation().getLineNr(),
                parser.currentTokenLocation().getColumnNr()),
            "",
            "nothing may follow the JSON object");
      }
      return members;
    } catch (JacksonException e) {
      var at = e.getLocation();
      throw InvalidConfigException.of(
          at == null ? "document" : position(at.getLineNr(), at.getColumnNr()),
          "",
          "is no JSON: " + e.getOriginalMessage());
    }
  }

  private static Member member(String json, JsonParser parser) {
    String name = parser.currentName();
    JsonToken token = parser.nextToken();
    int start = (int) parser.currentTokenLocation().getCharOffset();
    Kind kind =
        switch (token) {
          case VALUE_NULL -> Kind.NULL;
          case VALUE_TRUE, VALUE_FALSE -> Kind.BOOLEAN;
          case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> Kind.NUMBER;
          case VALUE_STRING -> Kind.STRING;
          case START_OBJECT -> Kind.OBJECT;
          case START_ARRAY -> Kind.ARRAY;
          case NOT_AVAILABLE, END_OBJECT, END_ARRAY, PROPERTY_NAME, VALUE_EMBEDDED_OBJECT ->
              throw new IllegalStateException("a JSON parser gave " + token + " for a value");
        };
    String text = "";
    if (kind == Kind.OBJECT || kind == Kind.ARRAY) {
      parser.skipChildren();
    } else {
      text = parser.getString();
    }
    String raw = json.substring(start, (int) parser.currentLocation().getCharOffset()).strip();
    return new Member(name, kind, kind == Kind.STRING ? text : raw, raw);
  }

  private static String position(int line, int column) {
    return "line " + line + ", column " + column;
  }

  private static String shorten(String text) {
    return text.length() <= 40 ? text : text.substring(0, 40) + "…";
  }

  /** All members in the order of the text. */
  List<Member> members() {
    return members;
  }

  /** Reports a problem at a key of this object. */
  void problem(String key, String value, String advice) {
    problems.add(new ConfigProblem(path + key, value, advice));
  }

  /** Whether something was reported at a key of this object. */
  boolean hasProblem(String key) {
    return problems.stream().anyMatch(problem -> problem.field().equals(path + key));
  }

  /** The boolean of a key; {@code otherwise} when it is not given. */
  boolean bool(String key, boolean otherwise) {
    boolean value = otherwise;
    for (Member member : spellings(key)) {
      if (member.kind == Kind.BOOLEAN) {
        value = member.raw.equals("true");
      } else if (member.kind != Kind.NULL) {
        wrongType(key, member, "true or false, without quotes");
      }
    }
    return value;
  }

  /** The whole number of a key within bounds; empty when it is not given or was reported. */
  OptionalLong integer(String key, long min, long max) {
    OptionalLong value = OptionalLong.empty();
    for (Member member : spellings(key)) {
      if (member.kind == Kind.NUMBER) {
        value = inBounds(key, member.raw, min, max);
      } else if (member.kind != Kind.NULL) {
        wrongType(key, member, "a whole number from " + min + " to " + max + ", without quotes");
      }
    }
    return value;
  }

  private OptionalLong inBounds(String key, String number, long min, long max) {
    try {
      long value = Long.parseLong(number);
      if (value >= min && value <= max) {
        return OptionalLong.of(value);
      }
    } catch (NumberFormatException e) {
      // A fraction, an exponent, or beyond 64 bits: refused with the same words.
    }
    problem(key, number, "allowed is a whole number from " + min + " to " + max);
    return OptionalLong.empty();
  }

  /** The text of a key; empty when it is not given. */
  Optional<String> text(String key) {
    Optional<String> value = Optional.empty();
    for (Member member : spellings(key)) {
      if (member.kind == Kind.STRING) {
        value = Optional.of(member.text);
      } else if (member.kind != Kind.NULL) {
        wrongType(key, member, "a text in quotes");
      }
    }
    return value;
  }

  /** The text of a key whose Go type reads itself and so refuses {@code null}. */
  Optional<String> address(String key, String example) {
    Optional<String> value = Optional.empty();
    for (Member member : spellings(key)) {
      if (member.kind == Kind.STRING) {
        value = Optional.of(member.text);
      } else {
        wrongType(
            key,
            member,
            "a text in quotes such as \"" + example + "\"; leave the key out if there is none");
      }
    }
    return value;
  }

  /** The last spelling of a key, unread. */
  Optional<Member> last(String key) {
    List<Member> spellings = spellings(key);
    return spellings.isEmpty() ? Optional.empty() : Optional.of(spellings.getLast());
  }

  /** The object that a member of this key holds. */
  GoObject inner(String key, Member member) {
    return new GoObject(path + key + ".", members(member.raw), problems);
  }

  private List<Member> spellings(String key) {
    List<Member> found = new ArrayList<>();
    for (Member member : members) {
      if (member.name.equalsIgnoreCase(key)) {
        found.add(member);
      }
    }
    return found;
  }

  void wrongType(String key, Member member, String allowed) {
    problem(key, shorten(member.raw), "is " + member.kind.words + "; allowed is " + allowed);
  }
}
