package io.denim.store.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class EtcdOptionsTest {
  private static final Optional<Path> NO_FILE = Optional.empty();
  private static final Optional<String> NOBODY = Optional.empty();

  @Test
  void withoutFlagsTheyAreFlannels() {
    assertThat(EtcdOptions.defaults())
        .hasToString("etcd http://127.0.0.1:4001,http://127.0.0.1:2379 prefix=/coreos.com/network");
  }

  @ParameterizedTest
  @CsvSource({
    "/coreos.com/network, /coreos.com/network",
    "/coreos.com/network/, /coreos.com/network",
    "//a///b, /a/b",
    "/, /",
    "relative/path/, relative/path",
  })
  void aPrefixIsCleanedAsGoJoinsPaths(String given, String prefix) {
    assertThat(EtcdOptions.plain("a", given).prefix()).isEqualTo(prefix);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "/a/../b", "./a"})
  void whatIsNoPathIsNoPrefix(String given) {
    assertThatThrownBy(() -> EtcdOptions.plain("a", given))
        .hasMessageContaining("--etcd-prefix=" + given);
  }

  @Test
  void halfOfAPairIsRefused() {
    Optional<Path> file = Optional.of(Path.of("x.pem"));
    Optional<String> word = Optional.of("x");

    assertThatThrownBy(() -> options(file, NO_FILE, NOBODY, NOBODY))
        .hasMessageContaining("--etcd-keyfile needs --etcd-certfile");
    assertThatThrownBy(() -> options(NO_FILE, file, NOBODY, NOBODY))
        .hasMessageContaining("--etcd-certfile needs --etcd-keyfile");
    assertThatThrownBy(() -> options(NO_FILE, NO_FILE, word, NOBODY))
        .hasMessageContaining("--etcd-username needs --etcd-password");
    assertThatThrownBy(() -> options(NO_FILE, NO_FILE, NOBODY, word))
        .hasMessageContaining("--etcd-password needs --etcd-username");
  }

  @Test
  void thePasswordIsInNoLog() {
    assertThat(options(NO_FILE, NO_FILE, Optional.of("anna"), Optional.of("geheim")).toString())
        .contains("username=anna")
        .doesNotContain("geheim");
  }

  private static EtcdOptions options(
      Optional<Path> key, Optional<Path> cert, Optional<String> user, Optional<String> password) {
    return EtcdOptions.of("http://a:1", "/p", key, cert, NO_FILE, user, password);
  }
}
