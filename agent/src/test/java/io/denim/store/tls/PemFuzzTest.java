package io.denim.store.tls;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;

/** Whatever is in a file is a key or is refused in words. */
final class PemFuzzTest {
  @FuzzTest(maxDuration = "30s")
  void anyFileIsAKeyOrIsRefused(byte[] file) {
    try {
      assertThat(PrivateKeys.first(Pem.blocks(new String(file, StandardCharsets.ISO_8859_1))))
          .isNotNull();
    } catch (IllegalArgumentException e) {
      assertThat(e).hasMessageContaining("allowed: an RSA, EC");
    }
  }
}
