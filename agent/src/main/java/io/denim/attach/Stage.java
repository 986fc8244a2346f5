package io.denim.attach;

/** How far an ADD has come; each is said when it has been reached. */
enum Stage {
  /** The record is on disk: from here on, what is killed is undone. */
  RECORDED,
  /** The addresses are the container's. */
  ADDRESSED,
  /** The bridge is there. */
  BRIDGED,
  /** The veth is there. */
  CONNECTED,
  /** The container's end has addresses and routes. */
  CONFIGURED,
  /** The rules lead to it. */
  RULED,
  /** Its traffic is limited. */
  SHAPED,
  /** The record says that it is complete. */
  COMPLETE
}
