package io.denim.store.kubernetes;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * An API server and who asks it.
 *
 * @param server its URL without a slash at the end
 * @param authority the certificates it must be signed by; empty for those that the JVM trusts
 * @param insecure whether its certificate is not checked
 * @param certificate the client's certificate; present exactly when {@code key} is
 * @param key the private key to it
 * @param token the bearer token
 */
record Target(
    URI server,
    Optional<Source> authority,
    boolean insecure,
    Optional<Source> certificate,
    Optional<Source> key,
    Optional<Source> token) {
  /** A server that is asked by nobody in particular. */
  static Target of(URI server) {
    return new Target(
        server, Optional.empty(), false, Optional.empty(), Optional.empty(), Optional.empty());
  }

  /** The files whose change matters. */
  List<Path> files() {
    return Stream.of(authority, certificate, key, token)
        .flatMap(Optional::stream)
        .flatMap(source -> source.file().stream())
        .distinct()
        .toList();
  }
}
