package io.denim.bgp.policy;

/** Where a speaker has a route from. */
public enum Source {
  /** It announces it of its own: configured, or given by what runs it. */
  LOCAL,
  /** From a peer of its own AS. */
  INTERNAL,
  /** From a peer of another AS. */
  EXTERNAL
}
