package io.denim.cni;

import java.util.Optional;
import java.util.OptionalLong;

/**
 * Limits of a container's traffic. A rate of 0 is no limit, and its burst is 0 too.
 *
 * @param ingressRate what the container may receive, in bits a second
 * @param ingressBurst how much of it at once, in bits
 * @param egressRate what the container may send, in bits a second
 * @param egressBurst how much of it at once, in bits
 */
public record Bandwidth(long ingressRate, long ingressBurst, long egressRate, long egressBurst) {
  /** The kernel counts a burst in 32 bits of octets. */
  private static final long MAX_BURST = 8 * 0xffff_ffffL - 1;

  /** What containerd gives a rate that comes from an annotation. */
  private static final long ANNOTATION_BURST = 0xffff_ffffL;

  private static final String INGRESS = "kubernetes.io/ingress-bandwidth";
  private static final String EGRESS = "kubernetes.io/egress-bandwidth";

  private static final String SUBNETS =
      "Denim limits all of a container's traffic; leave the key out";

  /** Checks that a rate and its burst are given both or not at all. */
  public Bandwidth {
    check("ingress", ingressRate, ingressBurst);
    check("egress", egressRate, egressBurst);
  }

  private static void check(String direction, long rate, long burst) {
    if (rate < 0 || burst < 0 || burst > MAX_BURST) {
      throw new IllegalArgumentException(
          "%sRate %d and %sBurst %d: allowed is 0 and more, a burst up to %d"
              .formatted(direction, rate, direction, burst, MAX_BURST));
    }
    if ((rate == 0) != (burst == 0)) {
      throw new IllegalArgumentException(
          "%sRate is %d and %sBurst is %d; both must be set, or none"
              .formatted(direction, rate, direction, burst));
    }
  }

  /** Whether a configuration has one of the keys. */
  static boolean isIn(Keys keys) {
    return keys.has("ingressRate")
        || keys.has("ingressBurst")
        || keys.has("egressRate")
        || keys.has("egressBurst");
  }

  /**
   * Reads the four keys; empty when nothing is limited.
   *
   * @param where the path of the object for messages
   */
  static Optional<Bandwidth> read(String where, Keys keys) {
    noSubnets(keys, "unshapedSubnets");
    noSubnets(keys, "shapedSubnets");
    return of(
        where,
        number(keys, "ingressRate", Long.MAX_VALUE),
        number(keys, "ingressBurst", MAX_BURST),
        number(keys, "egressRate", Long.MAX_VALUE),
        number(keys, "egressBurst", MAX_BURST));
  }

  private static void noSubnets(Keys keys, String key) {
    keys.value(key)
        .filter(value -> !value.list().isEmpty())
        .ifPresent(value -> {
          throw value.unsupported(SUBNETS);
        });
  }

  private static long number(Keys keys, String key, long max) {
    return keys.value(key).map(value -> value.whole(0, max)).orElse(0L);
  }

  private static Optional<Bandwidth> of(
      String where, long ingressRate, long ingressBurst, long egressRate, long egressBurst) {
    try {
      Bandwidth bandwidth = new Bandwidth(ingressRate, ingressBurst, egressRate, egressBurst);
      return ingressRate == 0 && egressRate == 0 ? Optional.empty() : Optional.of(bandwidth);
    } catch (IllegalArgumentException e) {
      throw new CniException(
          CniException.Code.INVALID_CONFIG, where + ": " + e.getMessage(), "", e);
    }
  }

  /** The limits of a pod's annotations; empty when there are none. */
  static Optional<Bandwidth> ofAnnotations(Annotations annotations) {
    OptionalLong ingress = rate(annotations, INGRESS);
    OptionalLong egress = rate(annotations, EGRESS);
    return of(
        "annotations",
        ingress.orElse(0),
        ingress.isPresent() ? ANNOTATION_BURST : 0,
        egress.orElse(0),
        egress.isPresent() ? ANNOTATION_BURST : 0);
  }

  private static OptionalLong rate(Annotations annotations, String key) {
    return annotations
        .value(key)
        .map(value -> OptionalLong.of(value.parsed(Quantity::tryRate, Quantity.RATE)))
        .orElse(OptionalLong.empty());
  }
}
