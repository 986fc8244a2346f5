package io.denim.install;

import com.code_intelligence.jazzer.junit.FuzzTest;

/** Whatever others write into the folder of configurations, it is judged. */
class ConfFileFuzzTest {
  @FuzzTest
  void anyContentIsJudged(byte[] content) {
    boolean bootstrap = ConfFile.isBootstrap(content);
    boolean usable = ConfFile.judge("10-default.conf", content) instanceof ConfFile.Usable;
    if (bootstrap && !usable) {
      throw new IllegalStateException("kubeasz's file, and unusable");
    }
    ConfFile.judge("10-default.conflist", content);
  }
}
