package io.denim.cni;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Quantities as Kubernetes writes them (apimachinery, resource.Quantity): 10M, 1.5Gi, 2e6. */
final class Quantity {
  /** What {@link #tryRate} reads, in words. */
  static final String RATE = "a quantity of bits a second from 1k to 1P, such as 10M or 1Gi";

  private static final BigDecimal MIN_RATE = BigDecimal.valueOf(1_000);
  private static final BigDecimal MAX_RATE = BigDecimal.valueOf(1_000_000_000_000_000L);

  /** Not more digits than a rate can need, so that no exponent makes a number of a gigabyte. */
  private static final Pattern TEXT =
      Pattern.compile("\\+?([0-9]{1,30}(?:\\.[0-9]{0,30})?|\\.[0-9]{1,30})(.{0,4})");

  private static final Pattern EXPONENT = Pattern.compile("[eE]([+-]?[0-9]{1,2})");

  private static final Map<String, BigDecimal> SUFFIXES =
      Map.ofEntries(
          Map.entry("n", BigDecimal.ONE.movePointLeft(9)),
          Map.entry("u", BigDecimal.ONE.movePointLeft(6)),
          Map.entry("m", BigDecimal.ONE.movePointLeft(3)),
          Map.entry("", BigDecimal.ONE),
          Map.entry("k", BigDecimal.ONE.movePointRight(3)),
          Map.entry("M", BigDecimal.ONE.movePointRight(6)),
          Map.entry("G", BigDecimal.ONE.movePointRight(9)),
          Map.entry("T", BigDecimal.ONE.movePointRight(12)),
          Map.entry("P", BigDecimal.ONE.movePointRight(15)),
          Map.entry("E", BigDecimal.ONE.movePointRight(18)),
          Map.entry("Ki", binary(10)),
          Map.entry("Mi", binary(20)),
          Map.entry("Gi", binary(30)),
          Map.entry("Ti", binary(40)),
          Map.entry("Pi", binary(50)),
          Map.entry("Ei", binary(60)));

  private Quantity() {}

  private static BigDecimal binary(int bits) {
    return new BigDecimal(BigInteger.ONE.shiftLeft(bits));
  }

  /** A rate as kubelet takes it for a pod's bandwidth, rounded up to whole bits a second. */
  static Optional<Long> tryRate(String text) {
    return tryParse(text)
        .filter(rate -> rate.compareTo(MIN_RATE) >= 0 && rate.compareTo(MAX_RATE) <= 0)
        .map(rate -> rate.setScale(0, RoundingMode.UP).longValueExact());
  }

  private static Optional<BigDecimal> tryParse(String text) {
    Matcher parts = TEXT.matcher(text);
    if (!parts.matches()) {
      return Optional.empty();
    }
    BigDecimal number = new BigDecimal(parts.group(1));
    String suffix = parts.group(2);
    Matcher exponent = EXPONENT.matcher(suffix);
    if (exponent.matches()) {
      return Optional.of(number.movePointRight(Integer.parseInt(exponent.group(1))));
    }
    return Optional.ofNullable(SUFFIXES.get(suffix)).map(number::multiply);
  }
}
