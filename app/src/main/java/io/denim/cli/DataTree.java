package io.denim.cli;

import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Records as plain maps, lists, numbers, booleans and texts, in the order of their components. What
 * is of no such type is its text.
 */
final class DataTree {
  private DataTree() {}

  /** The tree of a record, a collection, a map, an Optional or a single value. */
  static @Nullable Object of(@Nullable Object value) {
    return switch (value) {
      case null -> null;
      case Optional<?> optional -> of(optional.orElse(null));
      case Record each when isText(each) -> each.toString();
      case Record each -> ofRecord(each);
      case Map<?, ?> map -> ofMap(map);
      case Iterable<?> all -> ofAll(all);
      case Number number -> number;
      case Boolean bool -> bool;
      default -> value.toString();
    };
  }

  /** The components of a record as they are, by name. */
  static Map<String, @Nullable Object> components(Record value) {
    Map<String, @Nullable Object> components = new LinkedHashMap<>();
    for (RecordComponent component : value.getClass().getRecordComponents()) {
      components.put(component.getName(), read(component, value));
    }
    return components;
  }

  /** Whether a record is one value with a text of its own, such as an address. */
  static boolean isText(Record value) {
    return value.getClass().getPackageName().equals("io.denim.net");
  }

  private static @Nullable Object read(RecordComponent component, Record value) {
    try {
      // A record that is private to a test or a command is read all the same.
      component.getAccessor().setAccessible(true);
      return component.getAccessor().invoke(value);
    } catch (ReflectiveOperationException e) {
      throw new IllegalArgumentException("cannot read " + component + " of " + value.getClass(), e);
    }
  }

  private static Map<String, @Nullable Object> ofRecord(Record value) {
    Map<String, @Nullable Object> tree = components(value);
    tree.replaceAll((key, each) -> of(each));
    return tree;
  }

  private static Map<String, @Nullable Object> ofMap(Map<?, ?> map) {
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    map.forEach((key, each) -> tree.put(String.valueOf(key), of(each)));
    return tree;
  }

  private static List<@Nullable Object> ofAll(Iterable<?> all) {
    List<@Nullable Object> tree = new ArrayList<>();
    all.forEach(each -> tree.add(of(each)));
    return tree;
  }
}
