package io.denim.interop;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * A line of {@code damaged-updates.tsv}: the body of an UPDATE from an internal and from an
 * external peer, with a star for a prefix, and what Denim and each {@link Kind} make of it.
 */
record DamagedUpdate(
    String name, String internal, String byInternal, String external, String byExternal) {
  static final String DENIM = "Denim";

  private static final List<String> SPEAKERS =
      Stream.concat(Stream.of(DENIM), Stream.of(Kind.values()).map(Kind::toString)).toList();

  static List<DamagedUpdate> all() {
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(
                Objects.requireNonNull(
                    DamagedUpdate.class.getResourceAsStream("damaged-updates.tsv")),
                StandardCharsets.UTF_8))) {
      return lines
          .lines()
          .filter(line -> !line.startsWith("#"))
          .map(line -> line.split("\t"))
          .map(words -> new DamagedUpdate(words[0], words[1], words[2], words[3], words[4]))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The message without its header. */
  String body(boolean fromInternal) {
    return fromInternal ? internal : external;
  }

  /** H for held, W for withdrawn, R for the end of the session. */
  String outcome(String speaker, boolean fromInternal) {
    int at = SPEAKERS.indexOf(speaker);
    return (fromInternal ? byInternal : byExternal).substring(at, at + 1);
  }
}
