export type Shape = number;
