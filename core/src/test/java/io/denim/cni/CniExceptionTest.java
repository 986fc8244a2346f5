package io.denim.cni;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

final class CniExceptionTest {
  @Test
  void anErrorIsPrintedAsTheSpecificationHasIt() {
    CniException error =
        new CniException(CniException.Code.TRY_AGAIN, "no subnet yet", "the store is \"away\"");

    assertThat(error.json(CniVersion.V1_1_0))
        .isEqualTo(
            "{\"cniVersion\":\"1.1.0\",\"code\":11,\"msg\":\"no subnet yet\","
                + "\"details\":\"the store is \\\"away\\\"\"}");
  }

  @Test
  void detailsThatAreEmptyAreLeftOut() {
    CniException error = new CniException(CniException.Code.INTERNAL, "ä\n");

    assertThat(error.json(CniVersion.V0_1_0))
        .isEqualTo("{\"cniVersion\":\"0.1.0\",\"code\":999,\"msg\":\"ä\\n\"}");
  }

  @Test
  void theCodesAreThoseOfTheSpecificationAndItsLibrary() {
    assertThat(Arrays.stream(CniException.Code.values()).map(CniException.Code::number))
        .containsExactly(1, 2, 3, 4, 5, 6, 7, 8, 11, 50, 51, 100, 101, 102, 999);
  }
}
