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
        // Most often several follow each other in one bucket.
        for (int run = 1 + random.nextInt(1 + random.nextInt(4)); run > 0; run--) {
          batch.add(bucket, i * run);
          expected.computeIfAbsent(bucket, _ -> new ArrayList<>()).add(i * run);
        }
      }

      Map<Integer, List<Integer>> contents = contents(batch);
      assertThat(contents.keySet()).isEqualTo(expected.keySet());
      expected.forEach((bucket, prefixes) ->
          assertThat(contents.get(bucket)).containsExactlyInAnyOrderElementsOf(prefixes));
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
      for (int run = batch.first(batch.bucket(i)); run >= 0; run = batch.next(run)) {
        for (int place = batch.from(run); place < batch.to(run); place++) {
          prefixes.add(batch.prefix(place));
        }
      }
    }
    return contents;
  }
}
