package io.denim.interop;

/** The speakers of others. */
enum Kind {
  BIRD("BIRD"),
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
