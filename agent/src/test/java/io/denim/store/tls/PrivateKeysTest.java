package io.denim.store.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class PrivateKeysTest {
  private static final Base64.Encoder LINES = Base64.getMimeEncoder(64, new byte[] {'\n'});

  @ParameterizedTest
  @CsvSource({"RSA, 2048", "RSA, 3072", "EC, 256", "EC, 384", "EC, 521", "Ed25519, 255"})
  void whatJavaEncodesIsReadWhateverItsLabel(String algorithm, int size) throws Exception {
    PrivateKey key = generated(algorithm, size);

    assertThat(read(pem("PRIVATE KEY", key.getEncoded()))).isEqualTo(key);
    assertThat(read(pem("RSA PRIVATE KEY", key.getEncoded()))).isEqualTo(key);
  }

  @Test
  void theFormOfPkcs1IsReadWhateverItsLabel() throws Exception {
    PrivateKey key = generated("RSA", 2048);
    Der outer = new Der(java.nio.ByteBuffer.wrap(key.getEncoded())).enter(0x30);
    outer.take(0x02);
    outer.take(0x30);
    byte[] pkcs1 = outer.take(0x04);

    assertThat(read(pem("RSA PRIVATE KEY", pkcs1))).isEqualTo(key);
    assertThat(read(pem("PRIVATE KEY", pkcs1))).isEqualTo(key);
  }

  @Test
  void otherBlocksAndTextBeforeTheKeyAreSkipped() throws Exception {
    PrivateKey key = generated("EC", 256);
    String text =
        "Bag Attributes: none\r\n"
            + pem("EC PARAMETERS", new byte[] {6, 1, 1})
            + "some words\n  "
            + pem("PRIVATE KEY", key.getEncoded()).replace("\n", "\r\n  ")
            + pem("PRIVATE KEY", new byte[] {1});

    assertThat(read(text)).isEqualTo(key);
  }

  @Test
  void headersOfABlockAreSkipped() throws Exception {
    PrivateKey key = generated("EC", 256);
    String text =
        pem("PRIVATE KEY", key.getEncoded())
            .replaceFirst("-----\n", "-----\nX-Made-By: somebody\n\n");

    assertThat(read(text)).isEqualTo(key);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n",
        "-----BEGIN X PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\n-----END X PRIVATE KEY-----"
      })
  void aPasswordIsToldAsTheReason(String text) {
    assertThatThrownBy(() -> read(text))
        .hasMessageContaining("protected by a password")
        .hasMessageContaining("allowed: an RSA, EC (P-256, P-384, P-521) or Ed25519 key");
  }

  @Test
  void whatIsThereInsteadOfAKeyIsNamed() {
    assertThatThrownBy(() -> read(""))
        .hasMessageContaining("no private key in it but no PEM block");
    assertThatThrownBy(() -> read(pem("CERTIFICATE", new byte[3])))
        .hasMessageContaining("no private key in it but CERTIFICATE");
    assertThatThrownBy(() -> read(pem("PRIVATE KEY", new byte[] {0x30, 2, 2, 5})))
        .hasMessageContaining("the private key is damaged (it is cut off)");
  }

  private static PrivateKey generated(String algorithm, int size) throws NoSuchAlgorithmException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
    generator.initialize(size);
    return generator.generateKeyPair().getPrivate();
  }

  private static PrivateKey read(String text) {
    return PrivateKeys.first(Pem.blocks(text));
  }

  static String pem(String label, byte[] bytes) {
    return String.join(
            "\n",
            List.of(
                "-----BEGIN " + label + "-----",
                LINES.encodeToString(bytes),
                "-----END " + label + "-----"))
        + "\n";
  }
}
