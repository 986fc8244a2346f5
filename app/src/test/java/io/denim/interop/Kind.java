package io.denim.interop;

/** The speakers of others. */
enum Kind {
  BIRD("BIRD"),
  /** One program for each family. */
  BIRD1("BIRD 1.6"),
  GOBGP("GoBGP"),
  FRR("FRR");

  private final String text;

  Kind(String text) {
    this.text = text;
  }

  @Override
  public String toString() {
    return text;
  }
}
