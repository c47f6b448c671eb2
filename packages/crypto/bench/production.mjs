/** Figures are those of a program in production: in development, secrets remember where they were made. */
process.env.NODE_ENV = "production";
