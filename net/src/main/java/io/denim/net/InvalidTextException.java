package io.denim.net;

/** A text that is not the value it should be. The message names the text and what is allowed. */
public final class InvalidTextException extends IllegalArgumentException {
  private final String text;

  InvalidTextException(String text, String problem, String allowed) {
    super("\"" + text + "\" " + problem + "; allowed: " + allowed);
    this.text = text;
  }

  /** The text as it was given. */
  public String text() {
    return text;
  }
}
