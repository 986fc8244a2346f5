package io.denim.cni;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** A pod's annotations, as the runtime hands them on. */
record Annotations(Map<String, Value> values) {
  /** The capability that makes containerd and CRI-O hand them on. */
  static final String KEY = "io.kubernetes.cri.pod-annotations";

  static Annotations read(Keys runtime) {
    Map<String, Value> values = new TreeMap<>();
    runtime
        .object(KEY)
        .ifPresent(annotations ->
            annotations.entries().stream()
                .filter(entry -> !entry.getValue().node().isNull())
                .forEach(entry ->
                    values.put(
                        entry.getKey(),
                        new Value("annotation " + entry.getKey(), entry.getValue().node()))));
    return new Annotations(values);
  }

  /** The value of an annotation; empty when it is not there or has no characters. */
  Optional<Value> value(String key) {
    return Optional.ofNullable(values.get(key)).filter(value -> !value.text().isEmpty());
  }

  /** Names and texts. */
  Map<String, String> texts() {
    Map<String, String> texts = new TreeMap<>();
    values.forEach((key, value) -> texts.put(key, value.text()));
    return texts;
  }
}
