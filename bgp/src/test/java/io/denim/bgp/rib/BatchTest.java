package io.denim.bgp.rib;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Buckets of prefixes against a map of lists. */
class BatchTest {
  @Property(tries = 100)
  void everyBucketHasWhatWasAddedToItHoweverOftenTheBatchIsUsed(@ForAll long seed) {
    Random random = new Random(seed);
    Batch batch = new Batch();
    for (int round = 0; round < 3; round++) {
      Map<Integer, List<Integer>> expected = new HashMap<>();
      for (int i = random.nextInt(2000); i > 0; i--) {
        int bucket = random.nextInt(1 + random.nextInt(500));
        batch.add(bucket, i);
        expected.computeIfAbsent(bucket, _ -> new ArrayList<>()).addFirst(i);
      }

      assertThat(contents(batch)).isEqualTo(expected);
      assertThat(batch.isEmpty()).isEqualTo(expected.isEmpty());
      batch.clear();
      assertThat(batch.isEmpty()).isTrue();
      assertThat(batch.buckets()).isZero();
    }
  }

  private static Map<Integer, List<Integer>> contents(Batch batch) {
    Map<Integer, List<Integer>> contents = new HashMap<>();
    for (int i = 0; i < batch.buckets(); i++) {
      List<Integer> prefixes = contents.computeIfAbsent(batch.bucket(i), _ -> new ArrayList<>());
      for (int place = batch.first(batch.bucket(i)); place >= 0; place = batch.next(place)) {
        prefixes.add(batch.prefix(place));
      }
    }
    return contents;
  }
}
