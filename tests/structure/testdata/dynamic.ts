export const dynamic = 3;
