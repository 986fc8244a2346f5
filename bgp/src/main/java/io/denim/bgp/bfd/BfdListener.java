package io.denim.bgp.bfd;

/**
 * Hears of a session. Called by BFD's only thread, which serves no other session meanwhile: hand
 * the news on and return.
 */
public interface BfdListener {
  /** Both ends hear each other. */
  void up(BfdSession session);

  /** A session that was up is not any more; not called for {@link BfdSession#close}. */
  void down(BfdSession session, Loss loss);

  /**
   * Why it went down.
   *
   * @param diagnostic this side's reason
   * @param remoteDiagnostic the peer's, as it last told
   * @param administrative whether the peer's administrator did it: no sign that the way is dead, so
   *     whoever relies on it should do as if there were no BFD (RFC 5882 3.2)
   * @param words all of it for people
   */
  record Loss(
      Diagnostic diagnostic, Diagnostic remoteDiagnostic, boolean administrative, String words) {}
}
