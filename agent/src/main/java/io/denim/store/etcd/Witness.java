package io.denim.store.etcd;

import com.google.protobuf.ByteString;

/**
 * A key that proves that a cluster is the one that was read before: in its history, this key was
 * created at this revision. A cluster whose data were lost has the same name and counts its
 * revisions from the beginning; once it has passed the old ones, nothing else tells the two apart.
 *
 * @param name the key
 * @param createRevision when it was created
 * @param seenAt at which revision it was there
 */
record Witness(ByteString name, long createRevision, long seenAt) {}
