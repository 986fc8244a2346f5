package io.denim.bgp.rib;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Ten thousand events among eight peers: whatever happens in whatever order, at every quiet point
 * each peer has been told exactly what a plain computation from scratch says.
 */
@Tag("G5")
@Tag("G7")
@Tag("G14")
class RibWalkTest {
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void everyPeerHasTheRightTableAtEveryQuietPoint(long seed) {
    new Walk(seed).go(10_000);
  }
}
