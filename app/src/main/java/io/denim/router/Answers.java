package io.denim.router;

/** Short answers to who changes something in a router that runs. */
public final class Answers {
  private Answers() {}

  /**
   * Something was done to a peer.
   *
   * @param peer its name
   * @param done what
   */
  public record Done(String peer, String done) {}

  /**
   * The file was read again.
   *
   * @param file its name
   * @param result what came of it
   */
  public record Reloaded(String file, String result) {}

  /**
   * What a peer is told of a prefix.
   *
   * @param prefix the prefix
   * @param to the peer's name
   * @param told what, or why nothing, in words
   */
  public record Explanation(String prefix, String to, String told) {}
}
