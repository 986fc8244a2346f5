package io.denim.bgp.policy;

/** What a rule says about a route that meets its conditions. */
public enum Verdict {
  /** It goes on, as changed so far. */
  ACCEPT,
  /** It does not. */
  REJECT,
  /** The rules below decide; they see it as changed so far. */
  CONTINUE
}
