package io.denim.ipam;

import java.util.Optional;

/**
 * A subnet or an address cannot be had. The message says what was asked for, what stands in the way
 * and what a person can do.
 */
public final class AllocationException extends RuntimeException {
  /** Why, for a caller that decides by it. */
  public enum Reason {
    /** Nothing is free. Waiting may help. */
    EXHAUSTED,
    /** Another node holds what was ours. Do not go on using it. */
    HELD_BY_ANOTHER,
    /** Another node has the same public address. Nothing helps but another address. */
    ADDRESS_OF_ANOTHER,
    /** Too many others allocate at the same time. Try again later. */
    CONTENDED,
    /** The configuration asks for what this way of allocation cannot give. */
    NOT_POSSIBLE,
    /** The file system refused. */
    FILES
  }

  private final Reason reason;
  private final String holder;

  AllocationException(Reason reason, String message) {
    this(reason, message, "");
  }

  AllocationException(Reason reason, String message, String holder) {
    super(message);
    this.reason = reason;
    this.holder = holder;
  }

  AllocationException(String message, Exception cause) {
    super(message, cause);
    this.reason = Reason.FILES;
    this.holder = "";
  }

  /** Why. */
  public Reason reason() {
    return reason;
  }

  /** The node that holds it, where there is one: its name, or its public address. */
  public Optional<String> holder() {
    return Optional.of(holder).filter(name -> !name.isEmpty());
  }
}
