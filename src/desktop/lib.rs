//! Small traits over what each desktop offers
