declare const kind: unique symbol;

/**
 * The id of one kind of resource. A plain string is accepted in its place, such as one from the URL of a page; an id of
 * another kind is not.
 */
export type Id<Kind extends string> = string & { readonly [kind]?: Kind };
