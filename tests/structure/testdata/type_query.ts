export type Queried = string;
