package io.denim.install;

/**
 * One thing of an uninstallation, and what became of it.
 *
 * @param part what kind of thing: conflist, binary, state, pod, network, agent
 * @param object which one: a path, a device, a table
 * @param outcome what became of it
 * @param note why, for what is not simply removed; else empty
 */
public record Removal(String part, String object, Outcome outcome, String note) {
  /** What became of a thing. */
  public enum Outcome {
    /** It is gone. */
    REMOVED("removed"),
    /** It would be removed, were this no dry run. */
    PLANNED("would be removed"),
    /** It stays. */
    KEPT("kept"),
    /** It could not be removed. */
    FAILED("failed");

    private final String words;

    Outcome(String words) {
      this.words = words;
    }

    @Override
    public String toString() {
      return words;
    }
  }

  /** What stays, and why. */
  public static Removal kept(String part, String object, String note) {
    return new Removal(part, object, Outcome.KEPT, note);
  }
}
