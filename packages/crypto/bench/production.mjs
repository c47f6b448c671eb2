/** Measures in production mode. In development, secrets record where they were made. */
process.env.NODE_ENV = "production";
