package io.denim.lab;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;

class LabHttpFuzzTest {
  @FuzzTest
  void anAnswerHasAStatusOrIsNone(byte[] octets) {
    try {
      assertThat(LabHttp.parse(octets).status()).isBetween(100, 599);
    } catch (IOException e) {
      assertThat(e).hasMessage("no answer by HTTP");
    }
  }
}
