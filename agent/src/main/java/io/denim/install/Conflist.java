package io.denim.install;

import java.nio.charset.StandardCharsets;

/** Denim's list of CNI plugins, as runtimes read it. */
final class Conflist {
  /** Sorts before kubeasz's 10-default.conf and after 00-multus.conf. */
  static final String FILE = "05-denim.conflist";

  /** The plugin's type, which is its file's name. */
  static final String TYPE = "denim-cni";

  // Version 1.0.0 for runtimes that do not know cniVersions (containerd 1.6 and 1.7); the others
  // take the highest they know, and with 1.1.0 come STATUS and GC.
  private static final String TEXT =
      """
      {
        "cniVersion": "1.0.0",
        "cniVersions": ["1.0.0", "1.1.0"],
        "name": "cbr0",
        "plugins": [
          {
            "type": "denim-cni",
            "capabilities": {
              "portMappings": true,
              "bandwidth": true,
              "ips": true,
              "mac": true,
              "io.kubernetes.cri.pod-annotations": true
            }
          }
        ]
      }
      """;

  private Conflist() {}

  /** The file's octets. */
  static byte[] content() {
    return TEXT.getBytes(StandardCharsets.UTF_8);
  }
}
