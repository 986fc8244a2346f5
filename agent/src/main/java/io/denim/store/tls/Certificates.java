package io.denim.store.tls;

import java.io.ByteArrayInputStream;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;

/** Reads the certificates of a PEM file. */
public final class Certificates {
  private Certificates() {}

  /**
   * All certificates among the blocks, in their order; at least one.
   *
   * @throws IllegalArgumentException saying which is damaged, or what is there instead
   */
  public static List<X509Certificate> all(List<Pem.Block> blocks) {
    List<X509Certificate> found = new ArrayList<>();
    for (Pem.Block block : blocks) {
      if (block.label().equals("CERTIFICATE")) {
        try {
          found.add(
              (X509Certificate)
                  CertificateFactory.getInstance("X.509")
                      .generateCertificate(new ByteArrayInputStream(block.bytes())));
        } catch (CertificateException e) {
          throw new IllegalArgumentException(
              "certificate " + (found.size() + 1) + " is damaged: " + e.getMessage(), e);
        }
      }
    }
    if (found.isEmpty()) {
      String instead = blocks.isEmpty() ? "no PEM block" : PrivateKeys.labels(blocks);
      throw new IllegalArgumentException(
          "there is no certificate in it but " + instead + "; allowed: CERTIFICATE");
    }
    return found;
  }
}
