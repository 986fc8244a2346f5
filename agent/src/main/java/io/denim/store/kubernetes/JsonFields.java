package io.denim.store.kubernetes;

import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/** Walks through JSON as it comes, without keeping it. */
public final class JsonFields {
  private JsonFields() {}

  /** What to do with one member of an object. */
  @FunctionalInterface
  public interface Member {
    /**
     * Takes the value that the parser stands at: all of it or nothing.
     *
     * @return false to have it skipped
     */
    boolean take(String name, JsonParser value);
  }

  /** Walks through the object that the parser stands at; anything else is skipped. */
  public static void each(JsonParser parser, Member member) {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      parser.skipChildren();
      return;
    }
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      String name = parser.currentName();
      parser.nextToken();
      if (!member.take(name, parser)) {
        parser.skipChildren();
      }
    }
  }

  /** The text that the parser stands at; empty for anything else, which is skipped. */
  public static String text(JsonParser parser) {
    if (parser.currentToken() == JsonToken.VALUE_STRING) {
      return parser.getString();
    }
    parser.skipChildren();
    return "";
  }
}
