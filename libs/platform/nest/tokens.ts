/** Names this start of this process. */
export const BootId = Symbol('boot id');
