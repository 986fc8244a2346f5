package io.denim.linux.nft;

import io.denim.linux.nft.TableState.Data;
import io.denim.linux.nft.TableState.NamedSet;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Elements to add to a set or map, or to take away from it, as part of one transaction ({@link
 * Nftables#change}).
 *
 * @param set which; only its name counts here
 * @param elements by key, with what they map to; in a set {@link Data.None}
 * @param remove whether they are to go. Then those go that are there with this data; what is
 *     missing or has other data stays as it is, and is no error
 */
public record ElementChange(NamedSet set, SortedMap<Bytes, Data> elements, boolean remove) {
  /** Copies the map. */
  public ElementChange {
    elements = Collections.unmodifiableSortedMap(new TreeMap<>(elements));
  }

  /** Adds elements. */
  public static ElementChange add(NamedSet set, SortedMap<Bytes, Data> elements) {
    return new ElementChange(set, elements, false);
  }

  /** Takes away those of these elements that are there. */
  public static ElementChange remove(NamedSet set, SortedMap<Bytes, Data> elements) {
    return new ElementChange(set, elements, true);
  }

  /** This change without the elements that have other data in {@code there}. */
  ElementChange without(SortedMap<Bytes, Data> there) {
    SortedMap<Bytes, Data> rest = new TreeMap<>(elements);
    rest.entrySet()
        .removeIf(element ->
            !there.getOrDefault(element.getKey(), element.getValue()).equals(element.getValue()));
    return new ElementChange(set, rest, remove);
  }
}
